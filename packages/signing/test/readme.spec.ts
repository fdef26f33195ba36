import { format } from 'node:util';

interface Example {
  example: () => Promise<void>;
  printed: string;
}

describe('README.md', () => {
  it('has an example that prints what it says', async () => {
    const log = jest.spyOn(console, 'log').mockImplementation();
    const { example, printed } = jest.requireActual<Example>('../README.md');
    await example();
    const lines = log.mock.calls.map((values) => `${format(...values)}\n`);
    log.mockRestore();
    expect(lines.join('')).toBe(printed);
  });
});
