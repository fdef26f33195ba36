import * as tf from '@tensorflow/tfjs';
import { BACKENDS, setBackend } from '../../test/support/backends';
import { numbers, relativeError } from '../../test/support/tensors';
import { clipByGlobalNorm, clipFactor } from './clip-by-global-norm';

describe.each(BACKENDS)('clipByGlobalNorm() on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it.each([1, 511, 512, 513, 100_000])(
    'scales a vector of %p entries down to the largest norm, and tells the norm it had',
    async (size) => {
      const values = Float32Array.from({ length: size }, (_, index) => ((index * 37) % 101) - 49.5);
      const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
      const before = tf.memory().numTensors;
      const gradients = tf.tensor1d(values);
      const clipped = clipByGlobalNorm(gradients, 2);

      expect(relativeError(await numbers(clipped.norm), [norm])).toBeLessThan(1e-6);
      expect(
        relativeError(
          await numbers(clipped.gradients),
          values.map((value) => (value * 2) / norm),
        ),
      ).toBeLessThan(2e-6);
      tf.dispose([gradients, clipped.gradients, clipped.norm]);
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it('leaves shorter gradients, and gradients of zero, as they are', async () => {
    for (const values of [
      [3, -4],
      [0, 0],
    ]) {
      const { gradients } = clipByGlobalNorm(tf.tensor1d(values), 5.001);
      expect([...(await numbers(gradients))]).toEqual(values);
    }
  });

  it.each([0, -1, NaN])('refuses the largest norm %p', (maximumNorm) => {
    expect(() => clipByGlobalNorm(tf.tensor1d([1]), maximumNorm)).toThrow(RangeError);
  });
});

describe('clipFactor()', () => {
  it.each([
    [4, 2, 2 / (4 + 1e-6)],
    [2, 2, 2 / (2 + 1e-6)],
    [1, 2, 1],
    [0, 2, 1],
  ])('makes of the norm %p at most %p', (norm, maximumNorm, factor) => {
    expect(clipFactor(norm, maximumNorm)).toBe(factor);
  });

  it.each([0, -1, NaN])('refuses the largest norm %p', (maximumNorm) => {
    expect(() => clipFactor(1, maximumNorm)).toThrow(RangeError);
  });
});
