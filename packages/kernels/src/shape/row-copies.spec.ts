import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import fc from 'fast-check';

import { type InstalledKernels, installTrainingKernels } from '../index';

/** A tensor of the wasm backend whose entries are their own flat index. */
function counting(shape: number[], dtype: 'float32' | 'int32' = 'float32'): tf.Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return tf.tensor(
    Array.from({ length: size }, (_, index) => index),
    shape,
    dtype,
  );
}

/** The results of `operation` with our kernels and with those of tfjs. */
function withAndWithout(operation: () => tf.Tensor[]): [unknown, unknown] {
  const read = (): unknown =>
    tf.tidy(() => operation().map((tensor) => [tensor.shape, tensor.dtype, tensor.arraySync()]));
  const kernels = installTrainingKernels(tf);
  const ours = read();
  kernels.uninstall();
  return [ours, read()];
}

describe('RowCopies', () => {
  beforeAll(() => tf.env().set('IS_TEST', true));
  beforeEach(() => tf.setBackend('wasm'));

  it.each([
    ['rows of a matrix', [5, 3], [1, 0], [3, 3]],
    ['a part of the rows', [5, 3], [1, 1], [3, 2]],
    ['the rest', [4, 2, 3], [2, 0, 0], [-1, -1, -1]],
    ['one plane', [4, 2, 3], [2, 1, 0], [1, 1, 3]],
    ['nothing', [4, 3], [4, 0], [0, 3]],
    ['a vector', [7], [2], [4]],
  ])('slice() gives what tfjs gives: %s', (_, shape, begin, size) => {
    const [ours, stock] = withAndWithout(() => [tf.slice(counting(shape), begin, size)]);
    expect(ours).toEqual(stock);
  });

  it('slice() leaves tensors of other types to tfjs', () => {
    const [ours, stock] = withAndWithout(() => [
      tf.slice(counting([4, 3], 'int32'), [1, 0], [2, 3]),
      tf.slice(tf.tensor(['a', 'b', 'c']), [1], [2]),
    ]);
    expect(ours).toEqual(stock);
  });

  it.each([
    ['a vector by sizes', [9], [2, 0, 4, 3], 0],
    ['rows evenly', [6, 2], 3, 0],
    ['columns, which are no runs', [4, 6], [1, 5], 1],
    ['columns of one row', [1, 6, 2], [2, 4], 1],
    ['from the end', [1, 1, 6], 2, -1],
  ])('split() gives what tfjs gives: %s', (_, shape, sizes, axis) => {
    const [ours, stock] = withAndWithout(() => tf.split(counting(shape), sizes, axis));
    expect(ours).toEqual(stock);
  });

  it.each([
    ['rows, repeated and out of order', [4, 3], [3, 0, 0, 2], 0],
    ['entries of a vector', [5], [4, 1], 0],
    ['planes', [3, 2, 2], [2, 1], 0],
    ['columns', [3, 4], [3, 0], 1],
    ['none', [3, 2], [], 0],
  ])('gather() gives what tfjs gives: %s', (_, shape, indices, axis) => {
    const [ours, stock] = withAndWithout(() => [
      tf.gather(counting(shape), tf.tensor1d(indices, 'int32'), axis),
      tf.gather(counting(shape), tf.tensor2d(indices, [1, indices.length], 'int32'), axis),
    ]);
    expect(ours).toEqual(stock);
  });

  it('gather() refuses a row that there is not, as tfjs does', () => {
    const kernels = installTrainingKernels(tf);
    expect(() => tf.gather(counting([2, 2]), tf.tensor1d([2], 'int32'))).toThrow(
      /2 is not in \[0, 1\]/,
    );
    kernels.uninstall();
  });

  it('copies do not share memory with what they were copied from', () => {
    const kernels = installTrainingKernels(tf);
    const source = counting([4, 2]);
    const [first, second] = tf.split(source, 2);
    const row = tf.gather(source, [3]);
    source.dispose();
    const other = tf.fill([4, 2], -1);
    expect([first, second, row].map((tensor) => tensor?.arraySync())).toEqual([
      [
        [0, 1],
        [2, 3],
      ],
      [
        [4, 5],
        [6, 7],
      ],
      [[6, 7]],
    ]);
    tf.dispose([first!, second!, row, other]);
    kernels.uninstall();
  });

  describe('with the kernels installed', () => {
    let kernels: InstalledKernels;
    beforeAll(async () => {
      await tf.setBackend('wasm');
      kernels = installTrainingKernels(tf);
    });
    afterAll(() => kernels.uninstall());

    it('split() and concat() undo each other, whatever the sizes', () => {
      fc.assert(
        fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 8 }), (sizes) => {
          const total = sizes.reduce((sum, size) => sum + size, 0);
          const values = tf.tidy(() => {
            const parts = tf.split(counting([total, 3]), sizes);
            expect(parts.map(({ shape }) => shape)).toEqual(sizes.map((size) => [size, 3]));
            return parts.flatMap((part) => Array.from(part.dataSync()));
          });
          expect(values).toEqual(Array.from({ length: total * 3 }, (_, index) => index));
        }),
      );
    });

    it('gather() picks the rows of any list of indices', () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 9 }).chain((rows) =>
            fc.record({
              rows: fc.constant(rows),
              indices: fc.array(fc.nat(rows - 1), { minLength: 1, maxLength: 20 }),
            }),
          ),
          ({ rows, indices }) => {
            const picked = tf.tidy(() => tf.gather(counting([rows, 2]), indices).arraySync());
            expect(picked).toEqual(indices.map((row) => [2 * row, 2 * row + 1]));
          },
        ),
      );
    });
  });
});
