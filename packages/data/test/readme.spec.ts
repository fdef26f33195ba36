import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canvasChance, LEVELS } from '../src';

describe('README.md', () => {
  it('has an example that works', async () => {
    const log = jest.spyOn(console, 'log').mockImplementation();
    await jest.requireActual<{ look(): Promise<void> }>('../README.md').look();
    const lines = log.mock.calls.map((words) => words.join(' '));
    log.mockRestore();
    expect(lines).toEqual(['0 0 20 31 31 39 39 59 59 59', 'Q_COMPARE C0 C11 -> NO', 'open 2']);
  });

  it('states the chance levels that canvasChance() gives', () => {
    const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');
    for (const level of LEVELS) {
      const percent = (100 * canvasChance(level)).toFixed(2);
      expect(readme).toMatch(new RegExp(`\\| ${level} .*\\| ${percent} % \\|`));
    }
  });
});
