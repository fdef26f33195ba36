import { EnvironmentError } from '@pixelis/core';
import * as tf from '@tensorflow/tfjs';

/**
 * Computes a matrix product and a gradient through it on the backend in use, and compares both with what they are by hand:
 * for A = [[1, 2], [3, 4]] and B = [[5, 6], [7, 8]], of sum((AB)²) the derivative to A is 2 (AB) Bᵀ. All numbers are
 * integers below 2^24, so that no rounding is allowed.
 *
 * @throws {EnvironmentError} `BACKEND_WRONG` if a number is another one.
 */
export async function checkArithmetic(name: string): Promise<void> {
  const a = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  const b = tf.tensor2d([5, 6, 7, 8], [2, 2]);
  const product = tf.matMul(a, b);
  const derive = tf.grad((x) => tf.sum(tf.square(tf.matMul(x, b))));
  const gradient = derive(a);
  const found = { product: await product.data(), gradient: await gradient.data() };
  tf.dispose([a, b, product, gradient]);
  requireEqual(`a product on backend "${name}"`, found.product, [19, 22, 43, 50]);
  requireEqual(`a gradient on backend "${name}"`, found.gradient, [454, 618, 1030, 1402]);
}

function requireEqual(what: string, found: ArrayLike<number>, expected: readonly number[]): void {
  const values = Array.from(found);
  if (values.join() === expected.join()) return;
  throw new EnvironmentError(`${what} is [${values.join(', ')}] and not [${expected.join(', ')}]`, {
    code: 'BACKEND_WRONG',
    remedy: 'update the driver of the device, or use --backend wasm',
  });
}
