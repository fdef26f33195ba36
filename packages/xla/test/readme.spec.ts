import { format } from 'node:util';

describe('README.md', () => {
  it('has an example that prints what it says', () => {
    jest.spyOn(console, 'warn').mockImplementation();
    const log = jest.spyOn(console, 'log').mockImplementation();
    const { printed } = jest.requireActual<{ printed: string }>('../README.md');
    const lines = log.mock.calls.map((values) => `${format(...values)}\n`);
    log.mockRestore();
    expect(lines.join('')).toBe(printed);
  });
});
