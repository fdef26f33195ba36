import type * as tf from '@tensorflow/tfjs';
import type { LinearParameters } from '../linear';
import type { TensorFlowOperations } from './tensorflow-operations';

/** residual + x·W + b */
export function residualLinear(
  on: TensorFlowOperations,
  residual: tf.Tensor,
  { x, weight, bias }: LinearParameters & { readonly x: tf.Tensor },
): tf.Tensor {
  const product = on.product(x, weight);
  const shifted = on.add(product, bias);
  product.dispose();
  return plus(on, residual, shifted);
}

/** The sum; `spent` is given back. */
export function plus(on: TensorFlowOperations, kept: tf.Tensor, spent: tf.Tensor): tf.Tensor {
  const sum = on.add(kept, spent);
  spent.dispose();
  return sum;
}
