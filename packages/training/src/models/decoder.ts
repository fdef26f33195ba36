import type * as tf from '@tensorflow/tfjs';
import { addPositions, type SequenceShape } from '../layers/add-positions';
import { layerNorm } from '../layers/layer-norm';
import { linear } from '../layers/linear';
import { type RowSelection, selectRows } from '../layers/select-rows';
import { parameterNamed, type ParameterSpecs, type ParameterTree } from '../parameters';
import { layerNormSpecs, linearSpecs, tableSpec, weightAndBias } from './common-parameters';
import { transformer, transformerSpecs, type TransformerConfig } from './transformer';

/** The shape of a causal decoder. */
export interface DecoderConfig extends TransformerConfig {
  /** Number of tokens. */
  readonly vocabularySize: number;
  /** Longest sequence. */
  readonly maximumLength: number;
}

/** What a decoder declares, under `prefix`. */
export function decoderSpecs(prefix: string, config: DecoderConfig): ParameterSpecs {
  const { dim, vocabularySize, maximumLength } = config;
  return {
    [`${prefix}.tokens`]: tableSpec([vocabularySize, dim]),
    [`${prefix}.positions`]: tableSpec([maximumLength, dim]),
    ...transformerSpecs(`${prefix}.blocks`, config),
    ...layerNormSpecs(`${prefix}.norm`, dim),
    ...linearSpecs(`${prefix}.head`, [dim, vocabularySize]),
  };
}

/** A decoder's parameters and what it shall run over. */
export interface DecoderOptions extends SequenceShape {
  readonly parameters: ParameterTree;
  readonly prefix: string;
  readonly config: DecoderConfig;
  /** Rows (sequence·length + position) to give logits of; all of them where absent. */
  readonly positions?: RowSelection | undefined;
}

/**
 * The logits of the next token, by a causal pre-norm decoder with learned positions.
 *
 * @param embedded `[batch·length, dim]`: the embedded sequences, padded at their ends
 * @returns `[batch·length, vocabularySize]`, or `[positions, vocabularySize]`
 */
export function decoder(
  embedded: tf.Tensor,
  { parameters, prefix, config, batch, length, positions }: DecoderOptions,
): tf.Tensor {
  const positioned = addPositions(embedded, {
    table: parameterNamed(parameters, `${prefix}.positions`),
    batch,
    length,
  });
  const hidden = transformer(positioned, {
    parameters,
    prefix: `${prefix}.blocks`,
    batch,
    length,
    heads: config.heads,
    layers: config.layers,
    isCausal: true,
  });
  const read = positions === undefined ? hidden : selectRows(hidden, positions);
  const normalised = layerNorm(read, weightAndBias(parameters, `${prefix}.norm`));
  return linear(normalised, weightAndBias(parameters, `${prefix}.head`));
}
