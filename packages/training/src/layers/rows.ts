import { fusedLayers } from '@pixelis/kernels';
import * as tf from '@tensorflow/tfjs';
import { TensorFlowOperations } from './native/tensorflow-operations';

/**
 * A tensor seen as a matrix: its last axis is the columns, all others together the rows. A matrix is returned as it is.
 *
 * @throws {RangeError} If the tensor is a scalar.
 */
export function asRows(x: tf.Tensor): tf.Tensor2D {
  if (isMatrix(x)) {
    return x;
  }
  const columns = x.shape.at(-1);
  if (columns === undefined) {
    throw new RangeError('Cannot see a scalar as rows');
  }
  return tf.reshape<tf.Rank.R2>(x, [-1, columns]);
}

/** A tensor in that shape; returned as it is where it has it already, since even a reshape costs a kernel call. */
export function inShape(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const hasShape =
    x.shape.length === shape.length && shape.every((extent, axis) => x.shape[axis] === extent);
  return hasShape ? x : tf.reshape(x, [...shape]);
}

/** The sum `[columns]` of the rows of a matrix: an operation of its own, or else a product with ones, which is faster than a reduction. */
export function sumOfRows(x: tf.Tensor2D): tf.Tensor1D {
  const fused = fusedLayers(tf);
  if (fused !== undefined) return fused.columnSums(x);
  const operations = TensorFlowOperations.inUse();
  if (operations !== undefined) return operations.columnSums(x).as1D();
  const [rows, columns] = x.shape;
  // Transposed on the left: tfjs's wasm backend keeps a packed copy of an untransposed right operand by its data alone,
  // and writes out of bounds when the same data comes back in another shape.
  const sums = tf.matMul(x, tf.ones<tf.Rank.R2>([rows, 1]), true, false);
  return tf.reshape<tf.Rank.R1>(sums, [columns]);
}

function isMatrix(x: tf.Tensor): x is tf.Tensor2D {
  return x.rank === 2;
}
