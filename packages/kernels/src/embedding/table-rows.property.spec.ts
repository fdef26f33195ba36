import * as tf from '@tensorflow/tfjs';
import * as fc from 'fast-check';
import { expectParity, someNumbers } from '../../test/backends';
import { bits } from '../../test/naive-product';
import { type InstalledKernels, installTrainingKernels } from '../index';

describe('table kernels', () => {
  let installed: InstalledKernels;

  beforeAll(async () => {
    tf.env().set('IS_TEST', true);
    await tf.setBackend('wasm');
    installed = installTrainingKernels(tf);
  });
  afterAll(() => installed.uninstall());
  beforeEach(() => tf.setBackend('wasm'));

  it('gather and its gradient are those of the plain backend along any axis', async () => {
    const cases = fc
      .array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 })
      .chain((shape) =>
        fc.nat({ max: shape.length - 1 }).chain((axis) =>
          fc.record({
            shape: fc.constant(shape),
            axis: fc.constant(axis),
            indices: fc.array(fc.nat({ max: shape[axis]! - 1 }), { maxLength: 8 }),
          }),
        ),
      );
    await fc.assert(
      fc.asyncProperty(cases, async ({ shape, axis, indices }) => {
        await expectParity(() => {
          const x = tf.tensor(someNumbers(tf.util.sizeFromShape(shape), 3), shape);
          const rows = tf.tensor1d(indices, 'int32');
          const gather = (table: tf.Tensor) => tf.gather(table, rows, axis);
          const y = gather(x);
          // The plain backend cannot sum no rows by segment.
          if (indices.length === 0) return y;
          const dy = tf.tensor(someNumbers(y.size, 8), y.shape);
          return [y, tf.grad(gather)(x, dy)];
        });
      }),
      { numRuns: 60 },
    );
  });

  it('gather has batch dimensions and indices of several axes', async () => {
    await expectParity(() => {
      const x = tf.tensor(someNumbers(2 * 3 * 4 * 5, 3), [2, 3, 4, 5]);
      const rows = tf.tensor2d([0, 3, 3, 1, 2, 0], [2, 3], 'int32');
      return [tf.gather(x, rows, 2, 1), tf.gather(x, rows, 2), tf.gather(x.toInt(), rows, 3)];
    });
  });

  it('gather reports an index out of range', () => {
    const x = tf.ones([3, 2]);
    expect(() => tf.gather(x, tf.tensor1d([0, 3], 'int32'))).toThrow('3 is not in [0, 2]');
    expect(() => tf.gather(x, tf.tensor1d([-1], 'int32'))).toThrow('-1 is not in [0, 2]');
  });

  it('unsortedSegmentSum has the bits of rows added from 0 in ascending order', () => {
    const cases = fc.record({
      ids: fc.array(fc.integer({ min: -2, max: 5 }), { minLength: 1, maxLength: 20 }),
      width: fc.integer({ min: 1, max: 9 }),
      values: fc.array(fc.float(), { minLength: 180, maxLength: 180 }),
    });
    fc.assert(
      fc.property(cases, ({ ids, width, values }) => {
        const rows = Float32Array.from(values.slice(0, ids.length * width));
        const segments = 4;
        const expected = new Float32Array(segments * width);
        ids.forEach((id, row) => {
          if (id < 0 || id >= segments) return;
          for (let j = 0; j < width; j++) {
            expected[id * width + j] = Math.fround(
              expected[id * width + j]! + rows[row * width + j]!,
            );
          }
        });
        const actual = tf.tidy(() =>
          tf
            .unsortedSegmentSum(
              tf.tensor2d(rows, [ids.length, width]),
              tf.tensor1d(ids, 'int32'),
              segments,
            )
            .dataSync(),
        );
        expect(bits(actual as Float32Array)).toEqual(bits(expected));
      }),
    );
  });

  it('unsortedSegmentSum adds int32', async () => {
    await expectParity(() => {
      const x = tf.tensor2d([1, -2, 3, 4, 5, 6], [3, 2], 'int32');
      return tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2], 'int32'), 3).toInt();
    });
  });
});
