import * as tf from '@tensorflow/tfjs';
import type { HostTensor } from '../host-tensors';
import { addPositions } from '../layers/add-positions';
import { firstRows } from '../layers/first-rows';
import { layerNorm } from '../layers/layer-norm';
import { linear } from '../layers/linear';
import { prependRow } from '../layers/prepend-row';
import { parameterNamed, type ParameterSpecs, type ParameterTree } from '../parameters';
import { layerNormSpecs, linearSpecs, tableSpec, weightAndBias } from './common-parameters';
import { transformer, transformerSpecs, type TransformerConfig } from './transformer';

/** The shape of a vision transformer that classifies images given as flattened patches. */
export interface ImageClassifierConfig extends TransformerConfig {
  /** Patches of an image. */
  readonly patches: number;
  /** Values of a patch, such as 48 for 4×4 pixels of three colours. */
  readonly patchValues: number;
  readonly classes: number;
}

/** What the classifier declares. */
export function imageClassifierSpecs(config: ImageClassifierConfig): ParameterSpecs {
  const { dim, patches, patchValues, classes } = config;
  return {
    ...linearSpecs('patch', [patchValues, dim]),
    class_token: tableSpec([1, dim]),
    positions: tableSpec([patches + 1, dim]),
    ...transformerSpecs('blocks', config),
    ...layerNormSpecs('norm', dim),
    ...linearSpecs('head', [dim, classes]),
  };
}

/**
 * The logits of a vision transformer with a class token (Dosovitskiy et al. 2021, equations 1 to 4).
 *
 * @param values `[images·patches, patchValues]`
 * @returns `[images, classes]`
 * @throws {RangeError} If the values are no whole number of images.
 */
export function imageClassifierLogits(
  parameters: ParameterTree,
  values: tf.Tensor,
  config: ImageClassifierConfig,
): tf.Tensor2D {
  const { patches, patchValues, heads, layers } = config;
  requireWholeImages(values.size, config);
  const images = values.size / (patches * patchValues);
  const sequences = { batch: images, length: patches + 1 };
  return tf.tidy(() => {
    const embedded = linear(values, weightAndBias(parameters, 'patch'));
    const withToken = prependRow(embedded, {
      row: parameterNamed(parameters, 'class_token'),
      batch: images,
      length: patches,
    });
    const positioned = addPositions(withToken, {
      table: parameterNamed(parameters, 'positions'),
      ...sequences,
    });
    const features = transformer(positioned, {
      parameters,
      prefix: 'blocks',
      ...sequences,
      heads,
      layers,
      isCausal: false,
    });
    const tokens = firstRows(features, sequences);
    const normalised = layerNorm(tokens, weightAndBias(parameters, 'norm'));
    return linear(normalised, weightAndBias(parameters, 'head')).as2D(images, config.classes);
  });
}

/**
 * The patches of images as {@link imageClassifierLogits} reads them.
 *
 * @param values `[images·patches·patchValues]`, row-major
 * @throws {RangeError} If the values are no whole number of images.
 */
export function patchRows(values: Float32Array, config: ImageClassifierConfig): HostTensor {
  requireWholeImages(values.length, config);
  return { shape: [values.length / config.patchValues, config.patchValues], data: values };
}

function requireWholeImages(values: number, { patches, patchValues }: ImageClassifierConfig): void {
  if (values > 0 && values % (patches * patchValues) === 0) return;
  throw new RangeError(
    `Cannot classify: the number of values must be a positive multiple of ${patches * patchValues}: current value is ${values}`,
  );
}
