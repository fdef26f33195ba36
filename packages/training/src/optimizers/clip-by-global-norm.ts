import * as tf from '@tensorflow/tfjs';

/** Entries that are summed together first: the error of a float32 sum grows with its length. */
const BLOCK = 512;

/** Added to the norm before dividing, as `torch.nn.utils.clip_grad_norm_` does. */
const EPSILON = 1e-6;

/** Clipped gradients, and the norm that they had. */
export interface ClippedGradients {
  readonly gradients: tf.Tensor1D;
  readonly norm: tf.Scalar;
}

/**
 * Scales gradients whose Euclidean norm is above `maximumNorm` down to it (Pascanu, Mikolov & Bengio 2013, algorithm 1).
 * The norm stays a tensor: nothing waits for it.
 *
 * @returns new tensors, owned by the caller
 * @throws {RangeError} If `maximumNorm` is not above 0.
 */
export function clipByGlobalNorm(gradients: tf.Tensor1D, maximumNorm: number): ClippedGradients {
  requireMaximumNorm(maximumNorm);
  const [clipped, norm] = tf.tidy((): [tf.Tensor1D, tf.Scalar] => {
    const total = globalNorm(gradients);
    const factor = tf.minimum(tf.div(maximumNorm, tf.add(total, EPSILON)), 1);
    return [tf.mul(gradients, factor), total];
  });
  return { gradients: clipped, norm };
}

/**
 * What gradients of this norm are multiplied by to be no longer than `maximumNorm`: the numbers of {@link clipByGlobalNorm}
 * in float64.
 *
 * @throws {RangeError} If `maximumNorm` is not above 0.
 */
export function clipFactor(norm: number, maximumNorm: number): number {
  requireMaximumNorm(maximumNorm);
  return Math.min(maximumNorm / (norm + EPSILON), 1);
}

function requireMaximumNorm(maximumNorm: number): void {
  if (maximumNorm > 0) return;
  throw new RangeError(
    `Cannot clip gradients: maximumNorm must be > 0: current value is ${maximumNorm}`,
  );
}

function globalNorm(gradients: tf.Tensor1D): tf.Scalar {
  const squares = tf.square(gradients);
  const rest = squares.size % BLOCK;
  const whole = squares.size - rest;
  const sums = [
    ...(whole === 0 ? [] : [tf.sum(tf.reshape(tf.slice(squares, 0, whole), [-1, BLOCK]), 1)]),
    ...(rest === 0 ? [] : [tf.sum(tf.slice(squares, whole, rest), 0, true)]),
  ];
  return tf.sqrt(tf.sum(tf.concat(sums)));
}
