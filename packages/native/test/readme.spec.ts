import { format } from 'node:util';

const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

describe('README.md', () => {
  it('has an example that prints what it says', () => {
    const log = jest.spyOn(console, 'log').mockImplementation();
    const readme = jest.requireActual<{ main: () => void; printed: string }>('../README.md');
    readme.main();
    const lines = log.mock.calls.map((values) => `${format(...values)}\n`);
    log.mockRestore();
    expect(lines.join('')).toBe(readme.printed);
  });
});
