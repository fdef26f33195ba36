import { format } from 'node:util';

describe('README.md', () => {
  it('shows a program that prints what it says', async () => {
    const lines: string[] = [];
    const log = jest.spyOn(console, 'log');
    const third = new Promise<void>((resolve) => {
      log.mockImplementation((...values) => {
        lines.push(`${format(...values)}\n`);
        if (lines.length === 3) resolve();
      });
    });
    const { printed } = jest.requireActual<{ printed: string }>('../README.md');
    await third;
    log.mockRestore();
    expect(lines.join('')).toBe(printed.replace('20.20.2', process.versions.node));
  });
});
