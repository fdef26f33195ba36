import * as tf from '@tensorflow/tfjs';

/**
 * A tensor seen as a matrix: its last axis is the columns, all others together the rows.
 *
 * @throws {RangeError} If the tensor is a scalar.
 */
export function asRows(x: tf.Tensor): tf.Tensor2D {
  const columns = x.shape.at(-1);
  if (columns === undefined) {
    throw new RangeError('Cannot see a scalar as rows');
  }
  return tf.reshape<tf.Rank.R2>(x, [columns === 0 ? 0 : x.size / columns, columns]);
}

/** The sum `[columns]` of the rows of a matrix: a product with ones, which is faster than transposing for a reduction. */
export function sumOfRows(x: tf.Tensor2D): tf.Tensor1D {
  const [rows, columns] = x.shape;
  return tf.reshape<tf.Rank.R1>(tf.matMul(tf.ones<tf.Rank.R2>([1, rows]), x), [columns]);
}
