import {
  type FusedTransformerBlock,
  fusedTransformerBlock,
  transformerBlockParameters,
} from '@pixelis/kernels';
import * as tf from '@tensorflow/tfjs';
import { attention, type AttentionOptions } from './attention';
import { differentiable } from './differentiable';
import { gelu } from './gelu';
import { LAYER_NORM_EPSILON, layerNorm, type LayerNormParameters } from './layer-norm';
import { linear, type LinearParameters } from './linear';
import { attentionHalf } from './native/attention-half';
import { perceptronHalf } from './native/perceptron-half';
import { TensorFlowOperations } from './native/tensorflow-operations';

/** The tensors of a transformer block of width dim. */
export interface BlockParameters {
  readonly norm1: LayerNormParameters;
  /** `[dim, 3·dim]`: to queries, keys and values. */
  readonly qkv: LinearParameters;
  /** `[dim, dim]` */
  readonly out: LinearParameters;
  readonly norm2: LayerNormParameters;
  /** `[dim, hidden]` */
  readonly up: LinearParameters;
  /** `[hidden, dim]` */
  readonly down: LinearParameters;
}

interface BlockInputs {
  readonly x: tf.Tensor;
  readonly parameters: BlockParameters;
  readonly options: AttentionOptions;
}

/**
 * A pre-norm transformer block (Xiong et al. 2020): with a = x + attention(norm1(x)), a + perceptron(norm2(a)). Where the
 * backend has it as one kernel, that runs; its bits are those of the layers one by one. The native backend runs it as
 * two entries of the tape made of TensorFlow's own operations.
 *
 * @param x `[batch·length, dim]`
 * @returns the shape of `x`
 */
export function transformerBlock(
  x: tf.Tensor,
  parameters: BlockParameters,
  options: AttentionOptions,
): tf.Tensor {
  const fused = fusedTransformerBlock(tf);
  if (fused !== undefined) return byKernel(fused, { x, parameters, options });
  const operations = TensorFlowOperations.inUse();
  if (operations !== undefined) return byOperations(operations, { x, parameters, options });
  const packed = linear(layerNorm(x, parameters.norm1), parameters.qkv);
  const attended = tf.add(x, linear(attention(packed, options), parameters.out));
  const hidden = gelu(linear(layerNorm(attended, parameters.norm2), parameters.up));
  return tf.add(attended, linear(hidden, parameters.down));
}

function byOperations(
  operations: TensorFlowOperations,
  { x, parameters, options }: BlockInputs,
): tf.Tensor {
  const { norm1, qkv, out, norm2, up, down } = parameters;
  const attended = attentionHalf(operations, x, { ...options, norm: norm1, qkv, out });
  return perceptronHalf(operations, attended, { norm: norm2, up, down });
}

function byKernel(
  fused: FusedTransformerBlock,
  { x, parameters, options }: BlockInputs,
): tf.Tensor {
  const { norm1, qkv, out, norm2, up, down } = parameters;
  const tensors = [norm1, qkv, out, norm2, up, down].flatMap(({ weight, bias }) => [weight, bias]);
  const { batch, length, heads, isCausal } = options;
  const blockOptions = { batch, length, heads, isCausal, epsilon: LAYER_NORM_EPSILON };
  return differentiable([x, ...tensors], () => {
    const { value, activations } = fused.value(
      x,
      transformerBlockParameters(tensors),
      blockOptions,
    );
    return {
      value,
      saved: [x, ...tensors, ...activations],
      gradient: (dy, savedX, ...saved) => {
        const { dx, parameters: gradients } = fused.gradient(
          {
            dy,
            x: savedX,
            parameters: transformerBlockParameters(saved.slice(0, tensors.length)),
            activations: saved.slice(tensors.length),
          },
          blockOptions,
        );
        return [dx, ...Object.values(gradients)];
      },
    };
  });
}
