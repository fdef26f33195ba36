import * as tf from '@tensorflow/tfjs';
import { differentiable } from './differentiable';
import { asRows, inShape, sumOfRows } from './rows';

/** How rows make sequences. */
export interface SequenceShape {
  /** Number of sequences. */
  readonly batch: number;
  /** Positions of each sequence. */
  readonly length: number;
}

/**
 * Adds to every sequence the first `length` rows of a table of positions.
 *
 * @param x `[batch·length, dim]`
 * @param positions the table `[maximum length, dim]`, and how rows make sequences
 * @returns the shape of `x`
 * @throws {RangeError} If the sequences are longer than the table.
 */
export function addPositions(
  x: tf.Tensor,
  { table, batch, length }: SequenceShape & { readonly table: tf.Tensor },
): tf.Tensor {
  const [maximumLength = 0, dim = 0] = table.shape;
  if (length > maximumLength) {
    throw new RangeError(
      `Cannot add positions: the length must be <= ${maximumLength}: current value is ${length}`,
    );
  }
  return differentiable([x, table], () => {
    const row = inShape(length === maximumLength ? table : tf.slice(table, 0, length), [
      length * dim,
    ]);
    return {
      value: inShape(tf.add(inShape(x, [batch, length * dim]), row), x.shape),
      saved: [],
      gradient: (dy) => {
        const used = inShape(sumOfRows(asRows(inShape(dy, [batch, length * dim]))), [length, dim]);
        const unused = maximumLength - length;
        return [dy, unused === 0 ? used : tf.concat([used, tf.zeros([unused, dim])])];
      },
    };
  });
}
