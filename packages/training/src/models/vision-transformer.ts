import type * as tf from '@tensorflow/tfjs';
import { addPositions } from '../layers/add-positions';
import { layerNorm } from '../layers/layer-norm';
import { patchEmbedding, type PatchOptions } from '../layers/patch-embedding';
import { parameterNamed, type ParameterSpecs, type ParameterTree } from '../parameters';
import { layerNormSpecs, linearSpecs, tableSpec, weightAndBias } from './common-parameters';
import { transformer, transformerSpecs, type TransformerConfig } from './transformer';

/** The shape of a vision transformer over square grey images. */
export interface VisionTransformerConfig extends TransformerConfig, PatchOptions {}

/** Number of patches of an image. */
export function patchCount({ imageSize, patchSize }: PatchOptions): number {
  const side = imageSize / patchSize;
  return side * side;
}

/** What a vision transformer declares, under `prefix`. */
export function visionTransformerSpecs(
  prefix: string,
  config: VisionTransformerConfig,
): ParameterSpecs {
  const { dim, patchSize } = config;
  return {
    ...linearSpecs(`${prefix}.patch`, [patchSize * patchSize, dim]),
    [`${prefix}.positions`]: tableSpec([patchCount(config), dim]),
    ...transformerSpecs(`${prefix}.blocks`, config),
    ...layerNormSpecs(`${prefix}.norm`, dim),
  };
}

/**
 * The patch features of grey images by a vision transformer (Dosovitskiy et al. 2021) without class token.
 *
 * @param images `[images, imageSize²]`, normalised
 * @returns `[images·patches, dim]`, after the final norm
 */
export function visionTransformer(
  images: tf.Tensor,
  {
    parameters,
    prefix,
    config,
  }: {
    readonly parameters: ParameterTree;
    readonly prefix: string;
    readonly config: VisionTransformerConfig;
  },
): tf.Tensor {
  const sequences = { batch: images.shape[0], length: patchCount(config) };
  const patches = patchEmbedding(images, {
    ...weightAndBias(parameters, `${prefix}.patch`),
    imageSize: config.imageSize,
    patchSize: config.patchSize,
  });
  const positioned = addPositions(patches, {
    table: parameterNamed(parameters, `${prefix}.positions`),
    ...sequences,
  });
  const features = transformer(positioned, {
    parameters,
    prefix: `${prefix}.blocks`,
    ...sequences,
    heads: config.heads,
    layers: config.layers,
    isCausal: false,
  });
  return layerNorm(features, weightAndBias(parameters, `${prefix}.norm`));
}
