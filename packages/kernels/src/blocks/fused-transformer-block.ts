import type { NamedTensorMap, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import {
  type FusedAttentionOptions,
  kernelInUse,
  type TensorFlowEngine,
} from '../layers/fused-layers';
import { BLOCK_ACTIVATIONS, type BLOCK_PARAMETERS } from './transformer-block-kernels';

/** The parameters of a pre-norm transformer block of width dim; `up` and `down` are its perceptron. */
export type TransformerBlockParameters = Readonly<
  Record<(typeof BLOCK_PARAMETERS)[number], Tensor>
>;

/** How a block runs. */
export interface TransformerBlockOptions extends FusedAttentionOptions {
  /** Added to the variances of both layer normalisations. */
  readonly epsilon: number;
}

/** A block's value, and what its gradient needs of the forward pass. */
export interface TransformerBlockResult {
  /** `[batch·length, dim]` */
  readonly value: Tensor2D;
  /** To be kept for the gradient, in this order. */
  readonly activations: readonly Tensor[];
}

/** What the gradient of a block is computed from. */
export interface TransformerBlockGradientInputs {
  /** `[batch·length, dim]`: gradient of the value. */
  readonly dy: Tensor;
  /** `[batch·length, dim]`: what the block was given. */
  readonly x: Tensor;
  readonly parameters: TransformerBlockParameters;
  /** As the forward pass gave them. */
  readonly activations: readonly Tensor[];
}

/** Gradients of a block's inputs, in their shapes. */
export interface TransformerBlockGradients {
  readonly dx: Tensor2D;
  readonly parameters: TransformerBlockParameters;
}

/** A whole transformer block as one kernel forward and one backward. */
export interface FusedTransformerBlock {
  /**
   * The value of a pre-norm block (Xiong et al. 2020) with the exact GELU: with a = x + out(attention(qkv(norm1(x)))),
   * a + down(gelu(up(norm2(a)))).
   *
   * @param x `[batch·length, dim]`
   * @throws {RangeError} If shapes do not fit.
   */
  value(
    x: Tensor,
    parameters: TransformerBlockParameters,
    options: TransformerBlockOptions,
  ): TransformerBlockResult;
  /** The gradient of {@link value}. */
  gradient(
    inputs: TransformerBlockGradientInputs,
    options: TransformerBlockOptions,
  ): TransformerBlockGradients;
}

/**
 * The block of the backend in use, or undefined where it has none: the backend `wasm` with `installTrainingKernels` has
 * it. Its bits are those of its layers, called one by one; it is faster because tfjs does not stand between them.
 */
export function fusedTransformerBlock(tf: TensorFlowEngine): FusedTransformerBlock | undefined {
  if (kernelInUse(tf, 'PixelisTransformerBlock') === undefined) return undefined;
  function run(name: string, inputs: NamedTensorMap, options: TransformerBlockOptions): Tensor[] {
    return tf.engine().runKernel(name, inputs, { ...options });
  }
  return {
    value(x, parameters, options) {
      const [value, ...activations] = run('PixelisTransformerBlock', { x, ...parameters }, options);
      return { value: matrix(value), activations };
    },
    gradient({ dy, x, parameters, activations }, options) {
      const seen = Object.fromEntries(
        BLOCK_ACTIVATIONS.map((name, index) => [name, present(activations[index])]),
      );
      const inputs = { dy, x, ...parameters, ...seen };
      const [dx, ...gradients] = run('PixelisTransformerBlockGradient', inputs, options);
      return { dx: matrix(dx), parameters: transformerBlockParameters(gradients) };
    },
  };
}

/** A block's tensors by the names of its parameters, from their order. */
export function transformerBlockParameters(tensors: readonly Tensor[]): TransformerBlockParameters {
  const [a, b, c, d, e, f, g, h, i, j, k, l] = tensors.map(present);
  return {
    norm1Weight: present(a),
    norm1Bias: present(b),
    qkvWeight: present(c),
    qkvBias: present(d),
    outWeight: present(e),
    outBias: present(f),
    norm2Weight: present(g),
    norm2Bias: present(h),
    upWeight: present(i),
    upBias: present(j),
    downWeight: present(k),
    downBias: present(l),
  };
}

function present(tensor: Tensor | undefined): Tensor {
  if (tensor === undefined)
    throw new RangeError('Cannot run a transformer block: a tensor is missing');
  return tensor;
}

function matrix(tensor: Tensor | undefined): Tensor2D {
  const found = present(tensor);
  if (!isMatrix(found))
    throw new RangeError('Cannot run a transformer block: x must have two dimensions');
  return found;
}

function isMatrix(tensor: Tensor): tensor is Tensor2D {
  return tensor.rank === 2;
}
