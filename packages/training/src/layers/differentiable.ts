import * as tf from '@tensorflow/tfjs';

/** A layer's value, and how the gradient of a loss goes back through it. */
export interface Differentiable {
  readonly value: tf.Tensor;
  /** What `gradient` needs of the forward pass; kept alive until the backward pass, and only when one will come. */
  readonly saved: readonly tf.Tensor[];
  /** From the gradient of the value and the saved tensors, the gradient of each input, in order. */
  readonly gradient: (gradientOfValue: tf.Tensor, ...saved: tf.Tensor[]) => tf.Tensor[];
}

/**
 * Runs a layer as a single entry of the gradient tape: the operations in `forward` are not taped one by one,
 * `gradient` alone stands for them. `gradient` must use no tensors of the forward pass but the saved ones: the others are gone by then.
 */
export function differentiable(
  inputs: readonly tf.Tensor[],
  forward: () => Differentiable,
): tf.Tensor {
  return tf.customGrad((...inputsAndSave) => {
    const { value, saved, gradient } = forward();
    const save = inputsAndSave.at(-1);
    if (typeof save === 'function') {
      save([...saved]);
    }
    return { value, gradFunc: (dy, kept) => gradient(dy, ...kept) };
  })(...inputs);
}
