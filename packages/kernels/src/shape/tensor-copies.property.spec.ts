import * as tf from '@tensorflow/tfjs';
import * as fc from 'fast-check';
import { expectParity, someNumbers } from '../../test/backends';
import { type InstalledKernels, installTrainingKernels } from '../index';

const shapes = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 5 });
/** Where the plain backend cannot do without entries. */
const fullShapes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });
const types = fc.constantFrom('float32' as const, 'int32' as const);

describe('shape kernels', () => {
  let installed: InstalledKernels;

  beforeAll(async () => {
    tf.env().set('IS_TEST', true);
    await tf.setBackend('wasm');
    installed = installTrainingKernels(tf);
  });
  afterAll(() => installed.uninstall());

  it('transpose is that of the plain backend for any rank and permutation', async () => {
    const cases = shapes.chain((shape) => {
      const axes = shape.map((_, axis) => axis);
      return fc.record({
        shape: fc.constant(shape),
        permutation: fc.shuffledSubarray(axes, { minLength: axes.length }),
      });
    });
    await fc.assert(
      fc.asyncProperty(cases, types, async ({ shape, permutation }, dtype) => {
        await expectParity(() => tf.transpose(tensorOf(shape, dtype), permutation), 0);
      }),
      { numRuns: 80 },
    );
  });

  it.each([
    [[67, 5], [1, 0]],
    [[130, 71], [1, 0]],
    [[3, 66, 4, 9], [0, 2, 1, 3]],
    [[2, 70, 3, 68], [0, 2, 3, 1]],
    [[5, 3, 70], [2, 1, 0]],
  ])('transpose goes through blocks: shape [%s], permutation [%s]', async (shape, permutation) => {
    await expectParity(() => tf.transpose(tensorOf(shape, 'float32'), permutation), 0);
  }); // prettier-ignore

  it('concat, split, stack and unstack are those of the plain backend along any axis', async () => {
    const cases = fullShapes.chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        axis: fc.nat({ max: shape.length - 1 }),
        extents: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, types, async ({ shape, axis, extents }, dtype) => {
        await expectParity(() => {
          const parts = extents.map((extent) => tensorOf(shape.with(axis, extent), dtype));
          const whole = tf.concat(parts, axis);
          const stacked = tf.stack([parts[0]!, parts[0]!, parts[0]!], axis);
          return [whole, stacked, ...tf.split(whole, extents, axis), ...tf.unstack(stacked, axis)];
        }, 0);
      }),
      { numRuns: 60 },
    );
  });

  it('concat and split have parts without entries', async () => {
    await tf.setBackend('wasm');
    const [none, some] = [tf.ones([2, 0, 3]), tensorOf([2, 4, 3], 'float32')];
    const whole = tf.concat([none, some, none], 1);
    expect(await whole.array()).toEqual(await some.array());
    expect(tf.split(some, [0, 4, 0], 1).map(({ shape }) => shape[1])).toEqual([0, 4, 0]);
    expect(tf.concat([none, none], 1).shape).toEqual([2, 0, 3]);
  });

  it('slice, pad, tile and reverse are those of the plain backend', async () => {
    const cases = shapes.chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        cuts: fc.tuple(
          ...shape.map((extent) => fc.tuple(fc.nat({ max: extent }), fc.nat({ max: 3 }))),
        ),
        value: fc.integer({ min: -3, max: 3 }),
        axes: fc.subarray(shape.map((_, axis) => axis)),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, types, async ({ shape, cuts, value, axes }, dtype) => {
        await expectParity(() => {
          const x = tensorOf(shape, dtype);
          const begin = cuts.map(([start]) => start);
          return [
            tf.slice(x, begin, shape.map((extent, axis) => extent - begin[axis]!)),
            tf.slice(x, begin),
            tf.tile(x, cuts.map(([, count]) => count)),
            ...(axes.length > 0 ? [tf.reverse(x, axes)] : []),
            tf.pad(x, cuts, value),
          ];
        }, 0);
      }),
      { numRuns: 60 },
    ); // prettier-ignore
  });

  it('stridedSlice is that of the plain backend, also backwards', async () => {
    const axis = fc.record({
      extent: fc.integer({ min: 1, max: 7 }),
      stride: fc.constantFrom(1, 2, 3, -1, -2),
      first: fc.nat({ max: 6 }),
      last: fc.nat({ max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(axis, { minLength: 1, maxLength: 4 }), async (axes) => {
        const limits = axes.map(({ extent, stride, first, last }) => {
          const [low, high] = [
            Math.min(first, last, extent - 1),
            Math.min(Math.max(first, last) + 1, extent),
          ];
          return stride > 0 ? [low, high] : [high - 1, low];
        });
        await expectParity(
          () =>
            tf.stridedSlice(
              tensorOf(
                axes.map(({ extent }) => extent),
                'float32',
              ),
              limits.map(([begin]) => begin!),
              limits.map(([, end]) => end!),
              axes.map(({ stride }) => stride),
            ),
          0,
        );
      }),
      { numRuns: 60 },
    );
  });

  it('a clone shares the entries, which live as long as either', async () => {
    await tf.setBackend('wasm');
    const x = tf.tensor1d([1, 2, 3]);
    const { numDataBuffers } = tf.memory();
    const clone = tf.clone(x);
    expect(tf.memory().numDataBuffers).toBe(numDataBuffers);
    x.dispose();
    expect([...clone.dataSync()]).toEqual([1, 2, 3]);
    clone.dispose();
  });

  it('keep the number of tensors', async () => {
    await tf.setBackend('wasm');
    const x = tensorOf([3, 4, 5], 'float32');
    const before = tf.memory();
    tf.dispose([
      tf.transpose(x),
      tf.concat([x, x], 1),
      ...tf.unstack(x),
      tf.tile(x, [2, 1, 2]),
      tf.reverse(x),
    ]);
    expect(tf.memory()).toEqual(before);
    x.dispose();
  });
});

function tensorOf(shape: number[], dtype: 'float32' | 'int32'): tf.Tensor {
  const numbers = someNumbers(tf.util.sizeFromShape(shape), 5);
  const values = dtype === 'float32' ? numbers : numbers.map((value) => Math.trunc(value * 8));
  return tf.tensor(values, shape, dtype);
}
