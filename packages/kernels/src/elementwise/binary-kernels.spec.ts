import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';

import { type InstalledKernels, installTrainingKernels } from '../index';

describe('binary kernels', () => {
  let installed: InstalledKernels;

  beforeAll(() => tf.env().set('IS_TEST', true));
  beforeEach(async () => {
    await tf.setBackend('wasm');
    installed = installTrainingKernels(tf);
  });
  afterEach(() => installed.uninstall());

  it('leave integers to tfjs', () => {
    const [a, b] = [tf.tensor1d([7, -8], 'int32'), tf.tensor1d([2, 3], 'int32')];
    expect(tf.add(a, b).dtype).toBe('int32');
    expect([...tf.mul(a, b).dataSync()]).toEqual([14, -24]);
    expect([...tf.maximum(a, b).dataSync()]).toEqual([7, 3]);
  });

  it('give NaN where an operand is one', () => {
    const [a, b] = [tf.tensor1d([NaN, 1, NaN]), tf.tensor1d([1, NaN, NaN])];
    expect([...tf.maximum(a, b).dataSync()]).toEqual([NaN, NaN, NaN]);
    expect([...tf.minimum(a, b).dataSync()]).toEqual([NaN, NaN, NaN]);
  });

  it('refuse shapes that do not broadcast', () => {
    expect(() => tf.add(tf.ones([2, 3]), tf.ones([2]))).toThrow(/broadcast/);
  });

  it('add a row to each row, and a column to each column', () => {
    const x = tf.tensor2d([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(tf.add(x, tf.tensor1d([10, 20, 30])).arraySync()).toEqual([
      [11, 22, 33],
      [14, 25, 36],
    ]);
    expect(tf.sub(tf.tensor2d([[10], [20]]), x).arraySync()).toEqual([
      [9, 8, 7],
      [16, 15, 14],
    ]);
  });

  // tfjs has no gradient of the others for shapes that differ.
  it.each<[string, number[], (a: tf.Tensor, b: tf.Tensor) => tf.Tensor]>([
    ['add', [3, 1], (a, b) => tf.add(a, b)],
    ['sub', [3, 1], (a, b) => tf.sub(a, b)],
    ['mul', [3, 1], (a, b) => tf.mul(a, b)],
    ['div', [3, 1], (a, b) => tf.div(a, b)],
    ['prelu', [3, 1], (a, b) => tf.prelu(a, b)],
    ['maximum', [2, 3, 4], (a, b) => tf.maximum(a, b)],
    ['minimum', [2, 3, 4], (a, b) => tf.minimum(a, b)],
    ['squaredDifference', [2, 3, 4], (a, b) => tf.squaredDifference(a, b)],
  ])('%s has the gradients of the reference backend', async (_, shape, apply) => {
    const gradients = () => {
      const a = tf.tensor(counted(24, 5), [2, 3, 4]);
      const b = tf.tensor(
        counted(
          shape.reduce((size, one) => size * one),
          7,
        ),
        shape,
      );
      const both = tf.grads((x, y) => apply(x, y).square().sum())([a, b]);
      return both.map((one) => ({ shape: one.shape, values: [...one.dataSync()] }));
    };
    const actual = gradients();
    await tf.setBackend('cpu');
    const expected = gradients();
    expect(actual.map((one) => one.shape)).toEqual(expected.map((one) => one.shape));
    actual.forEach(({ values }, index) =>
      values.forEach((value, place) =>
        expect(value).toBeCloseTo(expected[index]!.values[place]!, 3),
      ),
    );
  });
});

/** Numbers from −5.5 to 5.5, never 0. */
function counted(length: number, step: number): number[] {
  return Array.from({ length }, (_, index) => ((index * step) % 12) - 5.5);
}
