import { shellWord } from './shell-word';

describe('shellWord()', () => {
  it('shellWord() leaves alone what needs no quotes', () => {
    for (const text of ['out', './a-b/c_d.json', 'C:\\runs', 'http://127.0.0.1:5000'])
      expect(shellWord(text)).toBe(text);
  });

  it.each([
    ['my runs', "'my runs'"],
    ['', "''"],
    ["it's", "'it'\\''s'"],
    ['a;b', "'a;b'"],
    ['$HOME', "'$HOME'"],
  ])('shellWord() puts %j in quotes', (text, word) => {
    expect(shellWord(text)).toBe(word);
  });
});
