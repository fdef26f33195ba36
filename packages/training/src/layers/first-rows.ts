import * as tf from '@tensorflow/tfjs';
import type { SequenceShape } from './add-positions';
import { differentiable } from './differentiable';
import { inShape } from './rows';

/**
 * The first row of every sequence, such as its class token.
 *
 * @param x `[batch·length, dim]`
 * @returns `[batch, dim]`
 */
export function firstRows(x: tf.Tensor, { batch, length }: SequenceShape): tf.Tensor {
  const dim = x.shape.at(-1) ?? 0;
  return differentiable([x], () => ({
    value: tf.slice(inShape(x, [batch, length * dim]), [0, 0], [batch, dim]),
    saved: [],
    gradient: (dy) => {
      const rest = tf.zeros([batch, (length - 1) * dim]);
      return [inShape(tf.concat([dy, rest], 1), [batch * length, dim])];
    },
  }));
}
