import type * as tf from '@tensorflow/tfjs';
import type { AttentionOptions } from '../layers/attention';
import { type BlockParameters, transformerBlock } from '../layers/transformer-block';
import type { ParameterSpec, ParameterSpecs, ParameterTree } from '../parameters';
import { layerNormSpecs, linearSpecs, weightAndBias } from './common-parameters';

/** The shape of a stack of transformer blocks. */
export interface TransformerConfig {
  /** Width of the residual stream. */
  readonly dim: number;
  /** Number of attention heads; divides `dim`. */
  readonly heads: number;
  /** Number of blocks. */
  readonly layers: number;
  /** Hidden width of the perceptrons, in multiples of `dim`. */
  readonly mlpRatio: number;
}

/** What a stack declares: its blocks are `${prefix}.0`, `${prefix}.1` and so on. */
export function transformerSpecs(
  prefix: string,
  { dim, layers, mlpRatio }: TransformerConfig,
): ParameterSpecs {
  const blocks = Array.from({ length: layers }, (_, index) => {
    const block = `${prefix}.${index}`;
    return {
      ...layerNormSpecs(`${block}.norm1`, dim),
      ...linearSpecs(`${block}.attention.qkv`, [dim, 3 * dim]),
      ...linearSpecs(`${block}.attention.out`, [dim, dim]),
      ...layerNormSpecs(`${block}.norm2`, dim),
      ...linearSpecs(`${block}.mlp.up`, [dim, mlpRatio * dim]),
      ...linearSpecs(`${block}.mlp.down`, [mlpRatio * dim, dim]),
    };
  });
  return Object.fromEntries<ParameterSpec>(blocks.flatMap((block) => Object.entries(block)));
}

/** A stack's parameters, and the sequences that it runs over. */
export interface TransformerOptions extends AttentionOptions {
  readonly parameters: ParameterTree;
  readonly prefix: string;
  /** Number of blocks. */
  readonly layers: number;
}

/**
 * A stack of pre-norm transformer blocks (Xiong et al. 2020) without final norm: in each, x + attention(norm(x)), then that plus its perceptron of its norm.
 *
 * @param x `[batch·length, dim]`
 * @returns the shape of `x`
 */
export function transformer(
  x: tf.Tensor,
  { parameters, prefix, layers, ...sequences }: TransformerOptions,
): tf.Tensor {
  let stream = x;
  for (let index = 0; index < layers; index++) {
    stream = transformerBlock(stream, blockParameters(parameters, `${prefix}.${index}`), sequences);
  }
  return stream;
}

function blockParameters(parameters: ParameterTree, block: string): BlockParameters {
  const of = (name: string) => weightAndBias(parameters, `${block}.${name}`);
  return {
    norm1: of('norm1'),
    qkv: of('attention.qkv'),
    out: of('attention.out'),
    norm2: of('norm2'),
    up: of('mlp.up'),
    down: of('mlp.down'),
  };
}
