import type * as tf from '@tensorflow/tfjs';
import { addPositions } from '../layers/add-positions';
import { layerNorm } from '../layers/layer-norm';
import { patchEmbedding, type PatchOptions } from '../layers/patch-embedding';
import { parameterNamed, type ParameterSpecs, type ParameterTree } from '../parameters';
import { layerNormSpecs, linearSpecs, tableSpec, weightAndBias } from './common-parameters';
import { transformerBlock, transformerBlockSpecs, type BlockWidth } from './transformer-block';

/** The shape of a vision transformer over square grey images. */
export interface VisionTransformerConfig extends BlockWidth, PatchOptions {
  /** Number of attention heads; divides `dim`. */
  readonly heads: number;
  /** Number of blocks. */
  readonly layers: number;
}

/** Number of patches of an image. */
export function patchCount({ imageSize, patchSize }: PatchOptions): number {
  return (imageSize / patchSize) ** 2;
}

/** What a vision transformer declares, under `prefix`. */
export function visionTransformerSpecs(
  prefix: string,
  config: VisionTransformerConfig,
): ParameterSpecs {
  const { dim, patchSize, layers } = config;
  const blocks = Array.from({ length: layers }, (_, index) =>
    transformerBlockSpecs(`${prefix}.blocks.${index}`, config),
  );
  return Object.assign(
    {
      ...linearSpecs(`${prefix}.patch`, [patchSize * patchSize, dim]),
      [`${prefix}.positions`]: tableSpec([patchCount(config), dim], 0.02),
      ...layerNormSpecs(`${prefix}.norm`, dim),
    },
    ...blocks,
  );
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
  const sequences = { batch: images.shape[0] ?? 0, length: patchCount(config) };
  const patches = patchEmbedding(images, {
    ...weightAndBias(parameters, `${prefix}.patch`),
    imageSize: config.imageSize,
    patchSize: config.patchSize,
  });
  let x = addPositions(patches, {
    table: parameterNamed(parameters, `${prefix}.positions`),
    ...sequences,
  });
  for (let index = 0; index < config.layers; index++) {
    x = transformerBlock(x, {
      parameters,
      prefix: `${prefix}.blocks.${index}`,
      ...sequences,
      heads: config.heads,
      isCausal: false,
    });
  }
  return layerNorm(x, weightAndBias(parameters, `${prefix}.norm`));
}
