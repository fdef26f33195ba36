import { readFileSync } from 'node:fs';
import { join } from 'node:path';

describe('README.md', () => {
  it('has an example that prints what its comments say', async () => {
    const readme = readFileSync(join(__dirname, '../README.md'), 'utf8');
    const comments = readme.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm);
    const expected = [...comments].map(([, line]) => line);

    const log = jest.spyOn(console, 'log').mockImplementation();
    await jest.requireActual<{ done: Promise<void> }>('../README.md').done;
    const printed = log.mock.calls.map(([line]) => String(line));
    log.mockRestore();

    expect(expected).toHaveLength(3);
    expect(printed).toEqual(expected);
  });
});
