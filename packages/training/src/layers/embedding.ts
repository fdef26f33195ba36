import * as tf from '@tensorflow/tfjs';
import type { HostTensor } from '../host-tensors';
import { differentiable } from './differentiable';
import { asRows } from './rows';

/**
 * Ids as one-hot rows, for {@link embedding}; −1 gives a row of zeros.
 *
 * @returns float32 `[ids.length, vocabularySize]`
 * @throws {RangeError} If an id is not in the vocabulary and not −1.
 */
export function oneHotRows(ids: Int32Array, vocabularySize: number): HostTensor {
  const data = new Float32Array(ids.length * vocabularySize);
  ids.forEach((id, row) => {
    if (id >= vocabularySize || id < -1) {
      throw new RangeError(
        `Cannot embed: an id must be -1 or below ${vocabularySize}: current value is ${id}`,
      );
    }
    if (id >= 0) {
      data[row * vocabularySize + id] = 1;
    }
  });
  return { shape: [ids.length, vocabularySize], data };
}

/**
 * The rows of a table by id, forward and backward by products with one-hot rows: exact, the same on every backend, and
 * cheap for the small vocabularies (up to some thousands) that it is meant for.
 *
 * @param table `[vocabulary, dim]`
 * @param ids `[…, vocabulary]`, as {@link oneHotRows} gives them
 * @returns `[ids, dim]`
 */
export function embedding(table: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  return differentiable([table], () => {
    const rows = asRows(ids);
    return {
      value: tf.matMul(rows, asRows(table)),
      saved: [rows],
      gradient: (dy, savedRows) => [tf.matMul(savedRows, dy, true, false)],
    };
  });
}
