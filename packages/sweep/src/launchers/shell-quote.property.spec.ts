import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { shellQuote } from './shell-quote';

// A word of a program can hold any character but NUL.
const word = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom("'", '"', '\\', '$', '`', ' ', '\n', '!'),
      fc.string({ unit: 'grapheme', maxLength: 1 }),
    ),
  })
  .filter((text) => !text.includes('\0'));

if (process.platform !== 'win32') {
  describe('shellQuote()', () => {
    it('shellQuote() gives a line of which a shell makes the same words', () => {
      fc.assert(
        fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
          const script = `printf '%s\\0' ${shellQuote(words)}`;
          const text = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
          expect(text.split('\0').slice(0, -1)).toEqual(words);
        }),
        { numRuns: 50 },
      );
    });
  });
}
