import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLineRenamings, outlivedRenamings } from '@pixelis/config';

import { presentCommand } from './command-words';
import { commandEntries, renamedCommands } from './commands';

const renamings = [
  { from: 'check', to: 'verify', removedIn: '0.3.0' },
  { from: 'runs find', to: 'runs list', removedIn: '0.3.0' },
  { from: 'audit', to: 'runs audit', removedIn: '0.3.0' },
];

describe('presentCommand()', () => {
  it.each([
    [
      ['check', 'latest', '--json'],
      ['verify', 'latest', '--json'],
    ],
    [
      ['--out', 'check', 'check', 'x'],
      ['--out', 'check', 'verify', 'x'],
    ],
    [
      ['runs', '--json', 'find', 'a*'],
      ['runs', 'list', '--json', 'a*'],
    ],
    [
      ['audit', 'check'],
      ['runs', 'audit', 'check'],
    ],
    [
      ['help', 'check'],
      ['help', 'verify'],
    ],
  ])('presentCommand() gives %j its present name, with one warning', (argv, expected) => {
    const { argv: words, warning } = presentCommand(argv, renamings);
    expect(words).toEqual(expected);
    expect(warning).toMatch(/^(.+) is now (.+); \1 goes in 0\.3\.0$/);
  });

  it('presentCommand() leaves alone what was not renamed', () => {
    for (const argv of [[], ['verify', 'check'], ['runs', 'list', 'find'], ['--json']])
      expect(presentCommand(argv, renamings)).toEqual({ argv, warning: undefined });
  });
});

describe('renamings', () => {
  const text = readFileSync(join(__dirname, '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(text) as { version: string };

  it('renamedCommands holds none that was to be gone by now', () => {
    expect(outlivedRenamings(renamedCommands, { version })).toEqual([]);
  });

  it.each(commandEntries)('pixelis $name has no option or word that was to be gone by now', async (entry) => {
    const definition = (await entry.load()).definition(entry.name, entry.summary);
    expect(outlivedRenamings(commandLineRenamings(definition), { version })).toEqual([]);
  });
}); // prettier-ignore
