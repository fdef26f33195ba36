import fc from 'fast-check';
import { chainText, countingSource } from '../../test/support/chain-text';
import { firstDifference } from './first-difference';

describe('firstDifference()', () => {
  it('finds what reading both chains from end to end finds', () => {
    const chain = fc.record({ length: fc.nat(12), changedAt: fc.nat(12) });
    const sizes = fc.array(fc.nat({ max: 700 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(chain, chain, sizes, (a, b, tensorCounts) => {
        const tensors = (line: number) => tensorCounts[line % tensorCounts.length] ?? 0;
        const [textA, textB] = [chainText({ ...a, tensors }), chainText({ ...b, tensors })];
        const found = firstDifference(countingSource(textA), countingSource(textB));
        expect(found?.step ?? null).toBe(byReadingAll(textA, textB));
      }),
    );
  });
});

// Helpers

/** Each line of these chains stands at its own step. */
function byReadingAll(a: string, b: string): number | null {
  const [linesA, linesB] = [a.split('\n').slice(0, -1), b.split('\n').slice(0, -1)];
  const index = Array.from({ length: Math.max(linesA.length, linesB.length) }, (_, i) => i).find(
    (i) => linesA[i] !== linesB[i],
  );
  return index ?? null;
}
