import * as tf from '@tensorflow/tfjs';
import { attention, type AttentionOptions } from '../layers/attention';
import { gelu } from '../layers/gelu';
import { layerNorm } from '../layers/layer-norm';
import { linear } from '../layers/linear';
import type { ParameterSpecs, ParameterTree } from '../parameters';
import { layerNormSpecs, linearSpecs, weightAndBias } from './common-parameters';

/** The width of a block. */
export interface BlockWidth {
  /** Width of the residual stream. */
  readonly dim: number;
  /** Hidden width of the multilayer perceptron, in multiples of `dim`. */
  readonly mlpRatio: number;
}

/** What a block under `prefix` (such as `encoder.blocks.0`) declares. */
export function transformerBlockSpecs(
  prefix: string,
  { dim, mlpRatio }: BlockWidth,
): ParameterSpecs {
  return {
    ...layerNormSpecs(`${prefix}.norm1`, dim),
    ...linearSpecs(`${prefix}.attention.qkv`, [dim, 3 * dim]),
    ...linearSpecs(`${prefix}.attention.out`, [dim, dim]),
    ...layerNormSpecs(`${prefix}.norm2`, dim),
    ...linearSpecs(`${prefix}.mlp.up`, [dim, mlpRatio * dim]),
    ...linearSpecs(`${prefix}.mlp.down`, [mlpRatio * dim, dim]),
  };
}

/**
 * A pre-norm transformer block (Xiong et al. 2020): x + attention(norm(x)), then that plus its perceptron of its norm.
 *
 * @param x `[batch·length, dim]`
 * @returns the shape of `x`
 */
export function transformerBlock(
  x: tf.Tensor,
  {
    parameters,
    prefix,
    ...options
  }: AttentionOptions & { readonly parameters: ParameterTree; readonly prefix: string },
): tf.Tensor {
  const of = (name: string) => weightAndBias(parameters, `${prefix}.${name}`);
  const packed = linear(layerNorm(x, of('norm1')), of('attention.qkv'));
  const attended = tf.add(x, linear(attention(packed, options), of('attention.out')));
  const hidden = gelu(linear(layerNorm(attended, of('norm2')), of('mlp.up')));
  return tf.add(attended, linear(hidden, of('mlp.down')));
}
