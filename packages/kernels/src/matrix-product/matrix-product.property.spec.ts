import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import * as fc from 'fast-check';

import {
  bits,
  naiveProduct,
  type NaiveProductShape,
  operandShapes,
} from '../../test/naive-product';
import { installTrainingKernels } from '../index';

// Around the tile of 5 rows and 8 columns, the 50 rows up to which B is not copied and the blocks of 320 rows and 512 of k.
const extent = (far: number[]) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 20 }) },
    { weight: 1, arbitrary: fc.constantFrom(...far) },
  );

const shape: fc.Arbitrary<NaiveProductShape> = fc.record({
  m: extent([35, 50, 51, 321]),
  n: extent([32, 40, 76, 129]),
  k: extent([64, 511, 512, 513, 1100]),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
});

/** Values are drawn from a pool in turn, so that a large matrix is as cheap to draw as a small one. */
const pool = (value: fc.Arbitrary<number>) => fc.array(value, { minLength: 1, maxLength: 31 });

const anyFloat = fc.float();
const moderateFloat = fc.float({ min: -8, max: 8, noNaN: true });

function fill(size: number, values: readonly number[]): Float32Array {
  return Float32Array.from({ length: size }, (_, index) => values[index % values.length]!);
}

function product(a: Float32Array, b: Float32Array, of: NaiveProductShape): Float32Array {
  const shapes = operandShapes(of);
  return tf.tidy(() =>
    tf
      .matMul(tf.tensor(a, shapes.a), tf.tensor(b, shapes.b), of.transposeA, of.transposeB)
      .dataSync<'float32'>(),
  );
}

describe('matMul() with training kernels', () => {
  beforeAll(async () => {
    await tf.setBackend('wasm');
    installTrainingKernels(tf);
  });

  it.each([
    ['moderate values', moderateFloat],
    ['any values, subnormal, infinite and NaN ones too', anyFloat],
  ])('sums every entry over k in ascending order with each step rounded: %s', (_, value) => {
    fc.assert(
      fc.property(shape, pool(value), pool(value), (of, poolA, poolB) => {
        const [a, b] = [fill(of.m * of.k, poolA), fill(of.k * of.n, poolB)];
        expect(bits(product(a, b, of)).equals(bits(naiveProduct(a, b, of)))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('gives each matrix of a batch the bits that it has alone', () => {
    fc.assert(
      fc.property(
        shape.map((of) => ({ ...of, k: Math.min(of.k, 300), n: Math.min(of.n, 40) })),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        fc.boolean(),
        pool(moderateFloat),
        pool(moderateFloat),
        (of, batch, isSharedA, isSharedB, poolA, poolB) => {
          const shapes = operandShapes(of);
          const [sizeA, sizeB] = [of.m * of.k, of.k * of.n];
          const [countA, countB] = [isSharedA ? 1 : batch, isSharedB ? 1 : batch];
          const a = fill(countA * sizeA, poolA);
          const b = fill(countB * sizeB, poolB);
          const together = tf.tidy(() =>
            tf
              .matMul(
                tf.tensor(a, [countA, ...shapes.a]),
                tf.tensor(b, [countB, ...shapes.b]),
                of.transposeA,
                of.transposeB,
              )
              .dataSync<'float32'>(),
          );
          const alone = Array.from({ length: Math.max(countA, countB) }, (_, index) => [
            ...naiveProduct(
              a.subarray(isSharedA ? 0 : index * sizeA),
              b.subarray(isSharedB ? 0 : index * sizeB),
              of,
            ),
          ]);
          expect(bits(together).equals(bits(Float32Array.from(alone.flat())))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
