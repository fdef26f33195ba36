import * as tf from '@tensorflow/tfjs';
import * as fc from 'fast-check';
import { expectParity, someNumbers } from '../../test/backends';
import { bits } from '../../test/naive-product';
import { type InstalledKernels, installTrainingKernels } from '../index';

const { fround } = Math;

type Join = (left: number, right: number) => number;

/** What `assembly/reductions.ts` says, in plain JavaScript. */
const joins: Record<'sum' | 'prod' | 'max' | 'min', { neutral: number; join: Join }> = {
  sum: { neutral: 0, join: (left, right) => fround(left + right) },
  prod: { neutral: 1, join: (left, right) => fround(left * right) },
  max: { neutral: -Infinity, join: Math.max },
  min: { neutral: Infinity, join: Math.min },
};
const names = ['sum', 'prod', 'max', 'min'] as const;

/** Any float32, all bit patterns among them. */
const floats = fc.float({ noDefaultInfinity: false });

describe('reduction kernels', () => {
  let installed: InstalledKernels;

  beforeAll(async () => {
    tf.env().set('IS_TEST', true);
    await tf.setBackend('wasm');
    installed = installTrainingKernels(tf);
  });
  afterAll(() => installed.uninstall());
  beforeEach(() => tf.setBackend('wasm'));

  it.each(names)('%s along the last axis has the bits of sixteen lanes', (name) => {
    fc.assert(
      fc.property(fc.array(floats, { minLength: 1, maxLength: 70 }), (values) => {
        const row = Float32Array.from(values);
        const expected = Float32Array.of(inLanes(row, joins[name]));
        const actual = tf.tidy(() => tf[name](tf.tensor2d(row, [1, row.length]), 1).dataSync());
        expect(bits(actual as Float32Array)).toEqual(bits(expected));
      }),
    );
  });

  it.each(names)('%s along the first axis has the bits of ascending order', (name) => {
    const sizes = fc.record({
      rows: fc.integer({ min: 1, max: 9 }),
      columns: fc.integer({ min: 2, max: 39 }),
      values: fc.array(floats, { minLength: 9 * 39, maxLength: 9 * 39 }),
    });
    fc.assert(
      fc.property(sizes, ({ rows, columns, values }) => {
        const matrix = Float32Array.from(values.slice(0, rows * columns));
        const { neutral, join } = joins[name];
        const expected = Float32Array.from({ length: columns }, (_, column) => {
          let total = neutral;
          for (let row = 0; row < rows; row++) total = join(total, matrix[row * columns + column]!);
          return total;
        });
        const actual = tf.tidy(() => tf[name](tf.tensor2d(matrix, [rows, columns]), 0).dataSync());
        expect(bits(actual as Float32Array)).toEqual(bits(expected));
      }),
      { numRuns: 50 },
    );
  });

  it('mean is the sum, divided once by the number of entries', () => {
    const row = Float32Array.from({ length: 37 }, (_, index) => fround(1 / (index + 1)));
    const actual = tf.tidy(() => tf.mean(tf.tensor1d(row)).dataSync());
    const expected = Float32Array.of(inLanes(row, joins.sum) / 37);
    expect(bits(actual as Float32Array)).toEqual(bits(expected));
  });

  it('sum reduces the innermost run of axes first', () => {
    const values = Float32Array.from({ length: 3 * 5 * 18 }, (_, index) => fround(1 / (index + 3)));
    const rows = Float32Array.from({ length: 15 }, (_, row) =>
      inLanes(values.subarray(18 * row, 18 * row + 18), joins.sum),
    );
    const expected = Float32Array.from({ length: 5 }, (_, j) =>
      [0, 1, 2].reduce((total, i) => fround(total + rows[i * 5 + j]!), 0),
    );
    const actual = tf.tidy(() => tf.sum(tf.tensor3d(values, [3, 5, 18]), [0, 2]).dataSync());
    expect(bits(actual as Float32Array)).toEqual(bits(expected));
  });

  it.each([...names, 'mean'] as const)(
    '%s along any axes has the shape and values of the plain backend',
    async (name) => {
      const cases = fc
        .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 })
        .chain((shape) =>
          fc.record({
            shape: fc.constant(shape),
            axes: fc.oneof(
              fc.constant(undefined),
              fc.subarray(shape.map((_, axis) => axis)),
              fc.integer({ min: -shape.length, max: shape.length - 1 }),
            ),
            keepDims: fc.boolean(),
          }),
        );
      await fc.assert(
        fc.asyncProperty(cases, async ({ shape, axes, keepDims }) => {
          await expectParity(() => {
            const x = tf.tensor(someNumbers(tf.util.sizeFromShape(shape), 3), shape);
            return tf[name](x, axes, keepDims);
          });
        }),
        { numRuns: 60 },
      );
    },
  );

  it('of no entries are the neutral values, and the mean NaN', () => {
    const x = tf.ones([0, 2]);
    const reduced = [...names, 'mean' as const].map((name) => [...tf[name](x, 0).dataSync()]);
    expect(reduced).toEqual([
      [0, 0],
      [1, 1],
      [-Infinity, -Infinity],
      [Infinity, Infinity],
      [NaN, NaN],
    ]);
    expect(tf.sum(tf.ones([2, 0, 3]), 0).shape).toEqual([0, 3]);
    x.dispose();
  });

  it('leaves other types to tfjs', async () => {
    await expectParity(() => [
      tf.sum(tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32'), 1),
      tf.max(tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32'), 0),
      tf.mean(tf.tensor2d([1, 2, 3, 5], [2, 2], 'int32'), 0),
      tf.sum(tf.tensor1d([true, false, true], 'bool')),
    ]);
  });
});

describe('einsum', () => {
  let installed: InstalledKernels;

  beforeAll(async () => {
    await tf.setBackend('wasm');
    installed = installTrainingKernels(tf);
  });
  afterAll(() => installed.uninstall());

  it.each([
    'ij,jk->ik', 'ij,kj->ki', 'bij,bjk->bik', 'bqhd,bkhd->bhqk', 'ij,ij->', 'ij,k->kji', 'i,j->ij', 'ijk,ik->j', 'ij,j->i',
    'bi,bj->bij', 'ij,ik->', 'i,->i',
  ])('%s is that of the plain backend', async (equation) => {
    const extents: Record<string, number> = { b: 2, h: 3, i: 4, j: 5, k: 6, q: 7, d: 8 };
    const [left = '', right = ''] = (equation.split('->')[0] ?? '').split(',');
    await expectParity(() => {
      const operand = (labels: string, start: number) => {
        const shape = labels.split('').map((label) => extents[label] ?? 1);
        return tf.tensor(someNumbers(tf.util.sizeFromShape(shape), start), shape);
      };
      return tf.einsum(equation, operand(left, 1), operand(right, 2));
    });
  }); // prettier-ignore

  it.each(['ijk->', 'ijk->kji', 'ijk->j', 'ijk->ijk'])('%s of one tensor too', async (equation) => {
    await expectParity(() => tf.einsum(equation, tf.tensor(someNumbers(24, 1), [2, 3, 4])));
  });

  it('keeps the number of tensors', async () => {
    await tf.setBackend('wasm');
    const [a, b] = [tf.ones([2, 3, 4]), tf.ones([4, 5])];
    const before = tf.memory();
    tf.dispose(tf.einsum('ijk,kl->lj', a, b));
    expect(tf.memory()).toEqual(before);
    tf.dispose([a, b]);
  });
});

/** Sixteen lanes as far as all have an entry, joined in pairs, then the remaining entries in ascending order. */
function inLanes(values: Float32Array, { neutral, join }: { neutral: number; join: Join }): number {
  const full = values.length - (values.length % 16);
  let total = neutral;
  if (full > 0) {
    const lanes = new Array<number>(16).fill(neutral);
    for (let index = 0; index < full; index++) {
      lanes[index % 16] = join(lanes[index % 16]!, values[index]!);
    }
    const [a, b, c, d] = [0, 1, 2, 3].map((lane) =>
      join(join(lanes[lane]!, lanes[lane + 4]!), join(lanes[lane + 8]!, lanes[lane + 12]!)),
    ) as [number, number, number, number];
    total = join(join(a, b), join(c, d));
  }
  for (let index = full; index < values.length; index++) total = join(total, values[index]!);
  return total;
}
