import * as tf from '@tensorflow/tfjs';
import { differentiable } from './differentiable';
import { asRows, inShape, sumOfRows } from './rows';

/** The tensors of a linear layer. */
export interface LinearParameters {
  /** `[in, out]` */
  readonly weight: tf.Tensor;
  /** `[out]` */
  readonly bias: tf.Tensor;
}

/**
 * The affine map x·W + b of every row.
 *
 * @param x `[…, in]`
 * @returns `[…, out]`
 */
export function linear(x: tf.Tensor, { weight, bias }: LinearParameters): tf.Tensor {
  const inputShape = x.shape;
  return differentiable([x, weight, bias], () => {
    const rows = asRows(x);
    const matrix = asRows(weight);
    const outputShape = [...inputShape.slice(0, -1), matrix.shape[1]];
    return {
      value: inShape(tf.fused.matMul({ a: rows, b: matrix, bias }), outputShape),
      saved: [rows, matrix],
      gradient: (dy, savedRows, savedMatrix) => {
        const dRows = asRows(dy);
        return [
          inShape(tf.matMul(dRows, asRows(savedMatrix), false, true), inputShape),
          tf.matMul(asRows(savedRows), dRows, true, false),
          sumOfRows(dRows),
        ];
      },
    };
  });
}
