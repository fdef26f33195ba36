import fc from 'fast-check';
import { addInRankOrder } from './add-in-rank-order';
import { memoryWorlds } from './memory-world';

/** Vectors of one length, with zeros of both signs, subnormals, infinities and NaN among the numbers. */
const vectors = fc.tuple(fc.integer({ min: 0, max: 70 }), fc.boolean()).chain(([length, isTiny]) =>
  fc.array(
    fc.float32Array({
      minLength: length,
      maxLength: length,
      // Sums of numbers that are as small as these fall below the smallest normal one.
      ...(isTiny ? { min: -(2 ** -124), max: 2 ** -124 } : {}),
    }),
    { minLength: 1, maxLength: 12 },
  ),
);

describe('addInRankOrder()', () => {
  it('gives all ranks the bits of one process that adds, however vectors and chunks are dealt out', async () => {
    await fc.assert(
      fc.asyncProperty(
        vectors,
        fc.array(fc.nat(1000), { maxLength: 5 }),
        fc.integer({ min: 1, max: 80 }),
        fc.boolean(),
        async (all, cuts, chunkEntries, isFlushing) => {
          const expected = bitsOf(sequentialSum(all, isFlushing ? flushed : (value) => value));
          const blocks = dealt(all, cuts);
          const totals = blocks.map(() => new Float32Array(all[0]!.length).fill(9));

          await Promise.all(
            memoryWorlds(blocks.length).map((world, rank) =>
              addInRankOrder(world, {
                addends: blocks[rank]!,
                total: totals[rank]!,
                chunkEntries,
                isFlushing,
              }),
            ),
          );

          for (const total of totals) expect(bitsOf(total)).toEqual(expected);
        },
      ),
    );
  });

  it('leaves the addends as they were', async () => {
    await fc.assert(
      fc.asyncProperty(vectors, async (all) => {
        const before = all.map(bitsOf);
        const [world] = memoryWorlds(1);
        await addInRankOrder(world!, { addends: all, total: new Float32Array(all[0]!.length) });
        expect(all.map(bitsOf)).toEqual(before);
      }),
    );
  });
});

// Helpers

/** Adds one after another by `Math.fround`, the definition of a float32 sum in JavaScript. */
function sequentialSum(
  [first, ...others]: readonly Float32Array[],
  flush: (value: number) => number,
): Float32Array {
  return others.reduce(
    (sum, vector) =>
      sum.map((value, index) => flush(Math.fround(flush(value) + flush(vector[index]!)))),
    Float32Array.from(first!),
  );
}

/** Subnormal numbers are those whose exponent bits are zeros. */
function flushed(value: number): number {
  const [word = 0] = new Uint32Array(Float32Array.of(value).buffer);
  return (word & 0x7f800000) === 0 ? (word >>> 31 === 0 ? 0 : -0) : value;
}

/** Cuts a list into consecutive blocks, none of them empty. */
function dealt<Item>(items: readonly Item[], cuts: readonly number[]): Item[][] {
  const places = [...new Set(cuts.map((cut) => cut % items.length))].sort((a, b) => a - b);
  const bounds = [0, ...places.filter((place) => place > 0), items.length];
  return bounds.slice(1).map((end, index) => items.slice(bounds[index], end));
}

/** As words, all NaN alike: which of them a sum gives is nobody's promise. */
function bitsOf(vector: Float32Array): number[] {
  const canonical = vector.map((value) => (Number.isNaN(value) ? NaN : value));
  return [...new Uint32Array(canonical.buffer)];
}
