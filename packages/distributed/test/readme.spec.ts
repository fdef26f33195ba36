import { format } from 'node:util';

interface Example {
  readonly main: () => Promise<void>;
  readonly printed: string;
}

describe('README.md', () => {
  it('has an example that prints what it says', async () => {
    const log = jest.spyOn(console, 'log').mockImplementation();
    const { main, printed } = jest.requireActual<Example>('../README.md');
    await main();
    const lines = log.mock.calls.map((values) => `${format(...values)}\n`);
    log.mockRestore();
    expect(lines.join('')).toBe(printed);
  });
});
