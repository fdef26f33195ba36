import * as tf from '@tensorflow/tfjs';
import { type HostTensor, type HostTensors, inputNamed, type Tensors } from '../host-tensors';
import { assembleSequence } from '../layers/assemble-sequence';
import { oneHotRows } from '../layers/embedding';
import { type RowSelection, rowSelection } from '../layers/select-rows';
import { parameterNamed, type ParameterSpecs, type ParameterTree } from '../parameters';
import { decoder, decoderSpecs, type DecoderConfig } from './decoder';
import {
  patchCount,
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

/** Right-padded sequences of tokens and patches, row-major `[batch, length]`. */
export interface SequenceInput {
  /** Number of sequences. */
  readonly batch: number;
  /** Positions of each sequence, padding included. */
  readonly length: number;
  /** Token id of each position, −1 where there is none. */
  readonly tokens: Int32Array;
  /** Row of the patch features at each position, −1 where there is none; each row at most once. */
  readonly patches: Int32Array;
}

/** A batch: images, and sequences over them. */
export interface VisionLanguageInput extends SequenceInput {
  /** `[images, imageSize²]` grey levels from 0 to 255. */
  readonly images: Uint8Array;
}

/** Mean and standard deviation of the pixels of MNIST's training images, on the scale of 0 to 1. */
export const PIXEL_NORMALISATION = { mean: 0.1307, standardDeviation: 0.3081 } as const;

/** How a batch shall be read. */
export interface VisionLanguageOptions {
  readonly config: VisionLanguageConfig;
  /** Rows (sequence·length + position) to give logits of, each at most once, −1 for a row that does not matter; all of them where absent. */
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
 * A batch as arrays that {@link visionLanguageLogits} reads once they are on the backend.
 *
 * @throws {RangeError} If the arrays do not fit `batch`, `length` and the configuration, or an id or row is none.
 */
export function visionLanguageInputs(
  input: VisionLanguageInput,
  options: VisionLanguageOptions,
): HostTensors {
  const { config } = options;
  const images = imageInput(input.images, config.imageSize);
  const patchRows = (images.shape[0] ?? 0) * patchCount(config);
  return { images, ...sequenceInputs(input, { ...options, patchRows }) };
}

/**
 * The decoder's half of {@link visionLanguageInputs}.
 *
 * @param options also, the rows of the patch features that `patches` counts
 * @throws {RangeError} As {@link visionLanguageInputs}.
 */
export function sequenceInputs(
  { batch, length, tokens, patches }: SequenceInput,
  { config, positions, patchRows }: VisionLanguageOptions & { readonly patchRows: number },
): HostTensors {
  if (tokens.length !== batch * length || patches.length !== batch * length) {
    throw new RangeError(
      `Cannot read a batch: tokens and patches must have ${batch * length} entries: current value is ${tokens.length} and ${patches.length}`,
    );
  }
  const { vocabularySize } = config;
  return {
    tokens: {
      shape: [batch, length, vocabularySize],
      data: oneHotRows(tokens, vocabularySize).data,
    },
    ...namedSelection('patch', rowSelection(patches, patchRows)),
    ...(positions === undefined
      ? {}
      : namedSelection('position', rowSelection(positions, batch * length))),
  };
}

/**
 * Grey levels as `[images, imageSize²]`, each pixel normalised by {@link PIXEL_NORMALISATION}.
 *
 * @throws {RangeError} If the bytes are no whole number of images.
 */
export function imageInput(images: Uint8Array, imageSize: number): HostTensor {
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
  const data = new Float32Array(images.length);
  for (let index = 0; index < images.length; index++) {
    data[index] = levels[images[index] ?? 0] ?? 0;
  }
  return { shape: [images.length / pixels, pixels], data };
}

/**
 * The logits of the next token at every position: one encoder sees all images, the canvas and what visual operations returned,
 * and their patch features enter the decoder's sequence beside the tokens.
 *
 * @param inputs as {@link visionLanguageInputs} gives them
 * @returns `[batch·length, vocabularySize]`, or `[positions, vocabularySize]`
 */
export function visionLanguageLogits(
  parameters: ParameterTree,
  inputs: Tensors,
  config: VisionLanguageConfig,
): tf.Tensor2D {
  return tf.tidy(() => {
    const patchFeatures = imageFeatures(parameters, inputNamed(inputs, 'images'), config);
    return sequenceLogits(parameters, inputs, { config, patchFeatures });
  });
}

/**
 * The encoder's half of {@link visionLanguageLogits}. An image's features do not depend on the images beside it.
 *
 * @param images as {@link imageInput} gives them
 * @returns `[images·patches, dim]`
 */
export function imageFeatures(
  parameters: ParameterTree,
  images: tf.Tensor,
  config: VisionLanguageConfig,
): tf.Tensor2D {
  return tf.tidy(() =>
    visionTransformer(images, {
      parameters,
      prefix: 'encoder',
      config: encoderConfig(config),
    }).as2D(-1, config.dim),
  );
}

/**
 * The decoder's half of {@link visionLanguageLogits}, over features that {@link imageFeatures} gave.
 *
 * @param inputs as {@link sequenceInputs} gives them
 * @returns `[batch·length, vocabularySize]`, or `[positions, vocabularySize]`
 */
export function sequenceLogits(
  parameters: ParameterTree,
  inputs: Tensors,
  {
    config,
    patchFeatures,
  }: { readonly config: VisionLanguageConfig; readonly patchFeatures: tf.Tensor },
): tf.Tensor2D {
  const tokens = inputNamed(inputs, 'tokens');
  const [batch = 0, length = 0] = tokens.shape;
  const positions = Object.hasOwn(inputs, 'position_rows')
    ? selectionNamed(inputs, 'position')
    : undefined;
  return tf.tidy(() => {
    const tokenTable = parameterNamed(parameters, 'decoder.tokens');
    const patches = selectionNamed(inputs, 'patch');
    const embedded = assembleSequence({ tokenTable, patchFeatures }, { tokens, patches });
    return decoder(embedded, {
      parameters,
      prefix: 'decoder',
      config: decoderConfig(config),
      batch,
      length,
      positions,
    }).as2D(positions?.rows.size ?? batch * length, config.vocabularySize);
  });
}

function namedSelection(name: string, { rows, places }: RowSelection<HostTensor>): HostTensors {
  return { [`${name}_rows`]: rows, [`${name}_places`]: places };
}

function selectionNamed(inputs: Tensors, name: string): RowSelection {
  return {
    rows: inputNamed(inputs, `${name}_rows`),
    places: inputNamed(inputs, `${name}_places`),
  };
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
