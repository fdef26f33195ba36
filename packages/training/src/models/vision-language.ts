import * as tf from '@tensorflow/tfjs';
import { assembleSequence, type SequenceSources } from '../layers/assemble-sequence';
import { parameterNamed, type ParameterSpecs, type ParameterTree } from '../parameters';
import { decoder, decoderSpecs, type DecoderConfig } from './decoder';
import {
  visionTransformer,
  visionTransformerSpecs,
  type VisionTransformerConfig,
} from './vision-transformer';

/** The shape of a vision-language model; see {@link defaultVisionLanguageConfig} for the usual values. */
export interface VisionLanguageConfig {
  /** Width of encoder and decoder. */
  readonly dim: number;
  /** Number of attention heads; divides `dim`. */
  readonly heads: number;
  /** Blocks of the encoder. */
  readonly encoderLayers: number;
  /** Blocks of the decoder. */
  readonly decoderLayers: number;
  /** Hidden width of the perceptrons, in multiples of `dim`. */
  readonly mlpRatio: number;
  /** Side of an image in pixels. */
  readonly imageSize: number;
  /** Side of a patch in pixels; divides `imageSize`. */
  readonly patchSize: number;
  /** Number of tokens. */
  readonly vocabularySize: number;
  /** Longest sequence of tokens and patches. */
  readonly maximumLength: number;
}

/** The default widths and depths, for a vocabulary and a longest sequence that the data decides. */
export const defaultVisionLanguageConfig = {
  dim: 64,
  heads: 2,
  encoderLayers: 2,
  decoderLayers: 2,
  mlpRatio: 4,
  imageSize: 28,
  patchSize: 7,
} as const satisfies Omit<VisionLanguageConfig, 'vocabularySize' | 'maximumLength'>;

/** A batch as the model reads it: images, and right-padded sequences of tokens and patches, row-major `[batch, length]`. */
export interface VisionLanguageInput extends SequenceSources {
  /** `[images, imageSize²]` grey levels from 0 to 255. */
  readonly images: Uint8Array;
  /** Number of sequences. */
  readonly batch: number;
  /** Positions of each sequence, padding included. */
  readonly length: number;
}

/** Mean and standard deviation of the pixels of MNIST's training images, on the scale of 0 to 1. */
export const PIXEL_NORMALISATION = { mean: 0.1307, standardDeviation: 0.3081 } as const;

/** How to read a batch's logits. */
export interface VisionLanguageOptions {
  readonly config: VisionLanguageConfig;
  /** Rows (sequence·length + position) to give logits of, each at most once; all of them where absent. */
  readonly positions?: Int32Array;
}

/**
 * What the model declares.
 *
 * @throws {RangeError} If the shape is impossible: a size is no positive integer, `heads` does not divide `dim`, or `patchSize` not `imageSize`.
 */
export function visionLanguageSpecs(config: VisionLanguageConfig): ParameterSpecs {
  validateConfig(config);
  return {
    ...visionTransformerSpecs('encoder', encoderConfig(config)),
    ...decoderSpecs('decoder', decoderConfig(config)),
  };
}

/**
 * The logits of the next token at every position: one encoder sees all images, the canvas and what visual operations returned,
 * and their patch features enter the decoder's sequence beside the tokens.
 *
 * @returns `[batch·length, vocabularySize]`, or `[positions.length, vocabularySize]`
 * @throws {RangeError} If the arrays do not fit `batch`, `length` and the configuration.
 */
export function visionLanguageLogits(
  parameters: ParameterTree,
  input: VisionLanguageInput,
  options: VisionLanguageOptions,
): tf.Tensor2D {
  return tf.tidy(() => {
    const patchFeatures = imageFeatures(parameters, input.images, options.config);
    return sequenceLogits(parameters, { ...input, patchFeatures }, options);
  });
}

/**
 * The encoder's half of {@link visionLanguageLogits}. An image's features do not depend on the images beside it.
 *
 * @param images `[images, imageSize²]` grey levels from 0 to 255.
 * @returns `[images·patches, dim]`
 * @throws {RangeError} If the bytes are no whole number of images.
 */
export function imageFeatures(
  parameters: ParameterTree,
  images: Uint8Array,
  config: VisionLanguageConfig,
): tf.Tensor2D {
  return tf.tidy(() =>
    visionTransformer(imageTensor(images, config.imageSize), {
      parameters,
      prefix: 'encoder',
      config: encoderConfig(config),
    }).as2D(-1, config.dim),
  );
}

/**
 * The decoder's half of {@link visionLanguageLogits}, over features that {@link imageFeatures} gave.
 *
 * @returns `[batch·length, vocabularySize]`, or `[positions.length, vocabularySize]`
 * @throws {RangeError} If the arrays do not fit `batch` and `length`.
 */
export function sequenceLogits(
  parameters: ParameterTree,
  input: Omit<VisionLanguageInput, 'images'> & { readonly patchFeatures: tf.Tensor },
  { config, positions }: VisionLanguageOptions,
): tf.Tensor2D {
  const { batch, length, tokens, patches, patchFeatures } = input;
  if (tokens.length !== batch * length || patches.length !== batch * length) {
    throw new RangeError(
      `Cannot read a batch: tokens and patches must have ${batch * length} entries: current value is ${tokens.length} and ${patches.length}`,
    );
  }
  return tf.tidy(() => {
    const tokenTable = parameterNamed(parameters, 'decoder.tokens');
    const embedded = assembleSequence({ tokenTable, patchFeatures }, { tokens, patches });
    return decoder(embedded, {
      parameters,
      prefix: 'decoder',
      config: decoderConfig(config),
      batch,
      length,
      positions,
    }).as2D(positions?.length ?? batch * length, config.vocabularySize);
  });
}

/**
 * Grey levels as a tensor `[images, imageSize²]`, each pixel normalised by {@link PIXEL_NORMALISATION}.
 *
 * @throws {RangeError} If the bytes are no whole number of images.
 */
export function imageTensor(images: Uint8Array, imageSize: number): tf.Tensor2D {
  const pixels = imageSize * imageSize;
  if (images.length === 0 || images.length % pixels !== 0) {
    throw new RangeError(
      `Cannot read images: the number of bytes must be a positive multiple of ${pixels}: current value is ${images.length}`,
    );
  }
  const { mean, standardDeviation } = PIXEL_NORMALISATION;
  const levels = Float32Array.from(
    { length: 256 },
    (_, level) => (level / 255 - mean) / standardDeviation,
  );
  const values = new Float32Array(images.length);
  for (let index = 0; index < images.length; index++) {
    values[index] = levels[images[index] ?? 0] ?? 0;
  }
  return tf.tensor2d(values, [images.length / pixels, pixels]);
}

function encoderConfig(config: VisionLanguageConfig): VisionTransformerConfig {
  const { dim, heads, mlpRatio, imageSize, patchSize } = config;
  return { dim, heads, mlpRatio, imageSize, patchSize, layers: config.encoderLayers };
}

function decoderConfig(config: VisionLanguageConfig): DecoderConfig {
  const { dim, heads, mlpRatio, vocabularySize, maximumLength } = config;
  return { dim, heads, mlpRatio, vocabularySize, maximumLength, layers: config.decoderLayers };
}

function validateConfig(config: VisionLanguageConfig): void {
  for (const [name, value] of Object.entries(config)) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(
        `Cannot make a vision-language model: ${name} must be an integer >= 1: current value is ${value}`,
      );
    }
  }
  const { dim, heads, imageSize, patchSize } = config;
  if (dim % heads !== 0 || imageSize % patchSize !== 0) {
    throw new RangeError(
      `Cannot make a vision-language model: heads must divide dim and patch_size must divide image_size: current values are ${heads}, ${dim}, ${patchSize}, ${imageSize}`,
    );
  }
}
