import * as tf from '@tensorflow/tfjs';
import * as fc from 'fast-check';
import { setBackend } from '../../test/support/backends';
import { labelsOf, selectionOf } from '../../test/support/layers';
import { numbers, relativeError } from '../../test/support/tensors';
import { attention } from './attention';
import { crossEntropySum } from './cross-entropy';
import { layerNorm } from './layer-norm';
import { selectRows } from './select-rows';

const entry = fc.float({ min: -4, max: 4, noNaN: true });
const entries = (count: number) => fc.array(entry, { minLength: count, maxLength: count });

beforeAll(() => setBackend('cpu'));

describe('selectRows()', () => {
  it('picks the rows that were asked for, and zeros for -1', async () => {
    const cases = fc.integer({ min: 1, max: 8 }).chain((rows) =>
      fc.record({
        rows: fc.constant(rows),
        indices: fc.array(fc.integer({ min: -1, max: rows - 1 }), { minLength: 1, maxLength: 12 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ({ rows, indices }) => {
        const once = indices.filter(
          (index, place) => index < 0 || indices.indexOf(index) === place,
        );
        const x = tf.range(1, 2 * rows + 1, 1).reshape([rows, 2]);
        const picked = selectRows(x, selectionOf(once, x));

        expect([...(await numbers(picked))]).toEqual(
          once.flatMap((index) => (index < 0 ? [0, 0] : [2 * index + 1, 2 * index + 2])),
        );
        tf.dispose([x, picked]);
      }),
    );
  });
});

describe('crossEntropySum()', () => {
  it('does not change when a row of logits is shifted, and is never negative', async () => {
    await fc.assert(
      fc.asyncProperty(
        entries(6),
        entry,
        fc.integer({ min: 0, max: 2 }),
        async (row, shift, target) => {
          const loss = async (offset: number): Promise<number> => {
            const sum = crossEntropySum(
              tf.tensor2d(
                row.map((value) => value + offset),
                [2, 3],
              ),
              labelsOf({ targets: [target, -1], weights: [1, 1] }, 3),
            );
            return (await numbers(sum))[0]!;
          };
          const [plain, shifted] = [await loss(0), await loss(shift)];

          expect(plain).toBeGreaterThanOrEqual(-1e-6);
          expect(Math.abs(plain - shifted)).toBeLessThan(1e-5);
        },
      ),
    );
  });
});

describe('layerNorm()', () => {
  it('does not change when its input is shifted and scaled up, whatever the weight', async () => {
    const norm = async (values: number[]): Promise<Float32Array> =>
      numbers(
        layerNorm(tf.tensor2d(values, [1, 4]), {
          weight: tf.tensor1d([1, -2, 0.5, 3]),
          bias: tf.tensor1d([0, 1, 2, 3]),
        }),
      );
    await fc.assert(
      fc.asyncProperty(entries(4), entry, async (values, shift) => {
        // Spread out, so that the epsilon of the variance does not count.
        const spread = values.map((value, index) => value + 10 * index);
        const moved = spread.map((value) => 2 * value + shift);
        expect(relativeError(await norm(moved), await norm(spread))).toBeLessThan(1e-5);
      }),
    );
  });
});

describe('attention()', () => {
  const [length, dim] = [3, 4];

  it('averages values: no output lies outside the range of its column of values', async () => {
    await fc.assert(
      fc.asyncProperty(entries(length * 3 * dim), fc.boolean(), async (values, isCausal) => {
        const packed = tf.tensor2d(values, [length, 3 * dim]);
        const out = await numbers(attention(packed, { batch: 1, length, heads: 2, isCausal }));

        for (let column = 0; column < dim; column++) {
          const seen = [0, 1, 2].map((row) => values[row * 3 * dim + 2 * dim + column]!);
          for (let row = 0; row < length; row++) {
            expect(out[row * dim + column]).toBeGreaterThanOrEqual(Math.min(...seen) - 1e-5);
            expect(out[row * dim + column]).toBeLessThanOrEqual(Math.max(...seen) + 1e-5);
          }
        }
      }),
    );
  });

  it('without a mask moves its outputs along when the positions are permuted', async () => {
    const run = async (rows: number[][]): Promise<Float32Array> =>
      numbers(attention(tf.tensor2d(rows), { batch: 1, length, heads: 2, isCausal: false }));
    await fc.assert(
      fc.asyncProperty(fc.array(entries(3 * dim), { minLength: 3, maxLength: 3 }), async (rows) => {
        const [plain, turned] = [await run(rows), await run([rows[1]!, rows[2]!, rows[0]!])];
        const expected = [...plain.slice(dim), ...plain.slice(0, dim)];
        expect(Math.max(...expected.map((value, i) => Math.abs(value - turned[i]!)))).toBeLessThan(
          1e-5,
        );
      }),
    );
  });
});
