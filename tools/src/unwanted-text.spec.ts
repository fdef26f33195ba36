import { unwantedText } from './unwanted-text';

/** Joined here so that this file holds none of it. */
function joined(...parts: string[]): string {
  return parts.join('');
}

describe('unwantedText', () => {
  it.each([
    ['a path of one machine', joined('"/ho', 'me/ann/pixelis"')],
    ['a path of one machine', joined('(/Us', 'ers/ann/x)')],
    ['a path of one machine', joined('C:\\\\Us', 'ers\\\\ann\\\\x')],
    ['a path of one machine', joined('see /ro', 'ot/x')],
    ['a path of one machine', joined('file:///wo', 'rk/main')],
    ['the host of a registry', joined('https://npm.regi', 'stry.example.org/zod')],
    ['the host of a registry', joined('regi', 'stry=http://localhost:4873')],
    ['the host of a registry', joined('"resolved": "http', '://mirror.example.org/zod.tgz"')],
    ['a mark of unfinished work', joined('// TO', 'DO: later')],
    ['a mark of an unfinished merge', joined('<<<<', '<<< HEAD')],
    ['what looks like a secret', joined('-----BEGIN RSA PRI', 'VATE KEY-----')],
  ])('finds %s in %s', (name, line) => {
    expect(unwantedText({ path: 'a.md', text: `fine\n${line}\n` })).toEqual([
      expect.stringContaining(`a.md:2 holds ${name}: `),
    ]);
  });

  it.each([
    'packages/work/x and ./root/y',
    joined('"resolved": "htt', 'ps://regi') + 'stry.npmjs.org/zod"',
    '`src/dataset-registry.spec.ts`',
    joined('/ho', 'me/somebody/a.git'),
    'the root/ folder, a/b/work/c',
    '<<<<<< six',
    'todo, in prose',
  ])('has nothing against %s', (text) => {
    expect(unwantedText({ path: 'a.md', text })).toEqual([]);
  });
});
