import * as tf from '@tensorflow/tfjs';
import { differentiable } from './differentiable';
import { asRows } from './rows';

/**
 * The rows of a table by id; −1 gives a row of zeros. Forward and backward are products with the ids as one-hot rows: exact, the same on every
 * backend, and cheap for the small vocabularies (up to some thousands) that it is meant for.
 *
 * @param table `[vocabulary, dim]`
 * @returns `[ids.length, dim]`
 * @throws {RangeError} If an id is not in the table and not −1.
 */
export function embedding(table: tf.Tensor, ids: Int32Array): tf.Tensor {
  const vocabularySize = table.shape[0];
  const oneHot = new Float32Array(ids.length * vocabularySize);
  ids.forEach((id, row) => {
    if (id >= vocabularySize || id < -1) {
      throw new RangeError(
        `Cannot embed: an id must be -1 or below ${vocabularySize}: current value is ${id}`,
      );
    }
    if (id >= 0) {
      oneHot[row * vocabularySize + id] = 1;
    }
  });
  return differentiable([table], () => {
    const selector = tf.tensor2d(oneHot, [ids.length, vocabularySize]);
    return {
      value: tf.matMul(selector, asRows(table)),
      saved: [selector],
      gradient: (dy, savedSelector) => [tf.matMul(savedSelector, dy, true, false)],
    };
  });
}
