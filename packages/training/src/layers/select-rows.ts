import * as tf from '@tensorflow/tfjs';
import { differentiable } from './differentiable';

/**
 * Rows of a matrix by index, each at most once; −1 gives a row of zeros. The gradient selects by the inverse index, so that it needs no scatter.
 *
 * @param x `[rows, dim]`
 * @returns `[indices.length, dim]`
 * @throws {RangeError} If an index is no row and not −1, or comes twice.
 */
export function selectRows(x: tf.Tensor, indices: Int32Array): tf.Tensor {
  const inverse = inverseIndex(indices, x.shape[0]);
  return differentiable([x], () => ({
    value: gather(x, indices),
    saved: [],
    gradient: (dy) => [gather(dy, inverse)],
  }));
}

/** For each of `rows` rows the place in `indices` that asks for it, or −1. */
function inverseIndex(indices: Int32Array, rows: number): Int32Array {
  const inverse = new Int32Array(rows).fill(-1);
  indices.forEach((index, place) => {
    if (index < -1 || index >= rows || (index >= 0 && inverse[index] !== -1)) {
      throw new RangeError(
        `Cannot select rows: an index must be -1, or below ${rows} and not there before: current value is ${index} at place ${place}`,
      );
    }
    if (index >= 0) {
      inverse[index] = place;
    }
  });
  return inverse;
}

function gather(x: tf.Tensor, indices: Int32Array): tf.Tensor {
  if (!indices.includes(-1)) {
    return tf.gather(x, tf.tensor1d(indices, 'int32'));
  }
  const withZeroRow = tf.concat([tf.zeros([1, ...x.shape.slice(1)]), x]);
  return tf.gather(
    withZeroRow,
    tf.tensor1d(
      indices.map((index) => index + 1),
      'int32',
    ),
  );
}
