import * as tf from '@tensorflow/tfjs';
import type { SequenceShape } from './add-positions';
import { differentiable } from './differentiable';
import { asRows, inShape, sumOfRows } from './rows';

/**
 * Puts one row before every sequence, such as a class token.
 *
 * @param x `[batch·length, dim]`
 * @param options the row `[1, dim]`, and how rows make sequences
 * @returns `[batch·(length + 1), dim]`
 */
export function prependRow(
  x: tf.Tensor,
  { row, batch, length }: SequenceShape & { readonly row: tf.Tensor },
): tf.Tensor {
  const dim = x.shape.at(-1) ?? 0;
  return differentiable([x, row], () => ({
    value: inShape(tf.concat([tf.tile(row, [batch, 1]), inShape(x, [batch, length * dim])], 1), [
      batch * (length + 1),
      dim,
    ]),
    saved: [],
    gradient: (dy) => {
      const [dRows, dx] = tf.split(
        inShape(dy, [batch, (length + 1) * dim]),
        [dim, length * dim],
        1,
      );
      if (dRows === undefined || dx === undefined) throw new RangeError('Cannot split a gradient');
      return [inShape(dx, [batch * length, dim]), inShape(sumOfRows(asRows(dRows)), row.shape)];
    },
  }));
}
