import * as tf from '@tensorflow/tfjs';
import { addPositions } from '../layers/add-positions';
import { layerNorm } from '../layers/layer-norm';
import { linear } from '../layers/linear';
import { prependRow } from '../layers/prepend-row';
import { selectRows } from '../layers/select-rows';
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
 * @param values `[images·patches·patchValues]`, row-major
 * @returns `[images, classes]`
 * @throws {RangeError} If the values are no whole number of images.
 */
export function imageClassifierLogits(
  parameters: ParameterTree,
  values: Float32Array,
  config: ImageClassifierConfig,
): tf.Tensor2D {
  const { patches, patchValues, heads, layers } = config;
  const images = values.length / (patches * patchValues);
  if (!Number.isInteger(images) || images === 0) {
    throw new RangeError(
      `Cannot classify: the number of values must be a positive multiple of ${patches * patchValues}: current value is ${values.length}`,
    );
  }
  const sequences = { batch: images, length: patches + 1 };
  return tf.tidy(() => {
    const embedded = linear(
      tf.tensor2d(values, [images * patches, patchValues]),
      weightAndBias(parameters, 'patch'),
    );
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
    const tokens = Int32Array.from({ length: images }, (_, image) => image * (patches + 1));
    const normalised = layerNorm(selectRows(features, tokens), weightAndBias(parameters, 'norm'));
    return linear(normalised, weightAndBias(parameters, 'head')).as2D(images, config.classes);
  });
}
