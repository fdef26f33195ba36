import * as tf from '@tensorflow/tfjs';
import type { HostTensor } from '../host-tensors';
import { differentiable } from './differentiable';

/** Which rows {@link selectRows} takes, and where each went. */
export interface RowSelection<Tensor = tf.Tensor> {
  /** int32 `[selected]`: 1 more than the index of each row, 0 for a row of zeros. */
  readonly rows: Tensor;
  /** int32 `[rows]`: 1 more than the place that each row went to, 0 if nowhere. */
  readonly places: Tensor;
}

/**
 * Rows by index, each at most once, for {@link selectRows}; −1 gives a row of zeros.
 *
 * @param rowCount Rows that there are.
 * @throws {RangeError} If an index is no row and not −1, or comes twice.
 */
export function rowSelection(indices: Int32Array, rowCount: number): RowSelection<HostTensor> {
  const places = new Int32Array(rowCount);
  indices.forEach((index, place) => {
    if (index < -1 || index >= rowCount || (index >= 0 && places[index] !== 0)) {
      throw new RangeError(
        `Cannot select rows: an index must be -1, or below ${rowCount} and not there before: current value is ${index} at place ${place}`,
      );
    }
    if (index >= 0) {
      places[index] = place + 1;
    }
  });
  return {
    rows: { shape: [indices.length], data: indices.map((index) => index + 1) },
    places: { shape: [rowCount], data: places },
  };
}

/**
 * Rows of a matrix. The gradient selects too, by the places, so that it needs no scatter.
 *
 * @param x `[rows, dim]`
 * @returns `[selected, dim]`
 */
export function selectRows(x: tf.Tensor, { rows, places }: RowSelection): tf.Tensor {
  return differentiable([x], () => ({
    value: gather(x, rows),
    saved: [places],
    gradient: (dy, savedPlaces) => [gather(dy, savedPlaces)],
  }));
}

function gather(x: tf.Tensor, rows: tf.Tensor): tf.Tensor {
  return tf.gather(tf.concat([tf.zeros([1, ...x.shape.slice(1)]), x]), rows.as1D());
}
