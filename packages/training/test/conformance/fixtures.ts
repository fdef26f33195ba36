import type { ImageClassifierConfig } from '../../src/models/image-classifier';
import type { VisionLanguageConfig } from '../../src/models/vision-language';
import type { AdamWOptions } from '../../src/optimizers/adamw';
import type { LayerCase } from '../support/layers';
import { type EncodedTensor, readFixture } from '../support/tensors';

type Encoded = Readonly<Record<string, EncodedTensor>>;

/** Gradients of a norm, and what `torch.nn.utils.clip_grad_norm_` made of them. */
export interface ClippingCase {
  readonly title: string;
  readonly gradients: EncodedTensor;
  readonly maximumNorm: number;
  readonly norm: number;
  readonly clipped: EncodedTensor;
}

/** Steps of `torch.optim.AdamW`. */
export interface AdamWCase {
  readonly options: Omit<AdamWOptions, 'decayMask'>;
  /** Names of what weight decay applies to. */
  readonly decayed: readonly string[];
  readonly start: Encoded;
  readonly steps: readonly {
    readonly learningRate: number;
    readonly gradients: Encoded;
    /** After the step, as the moments. */
    readonly weights: Encoded;
    readonly firstMoments: Encoded;
    readonly secondMoments: Encoded;
  }[];
}

/** A model's loss and gradients over single shards, and its training over batches of shards; a shard is still JSON. */
export interface ModelCase<Config> {
  readonly config: Config;
  readonly parameters: Encoded;
  readonly shards: readonly {
    readonly shard: EncodedShard;
    readonly loss: number;
    readonly gradients: Encoded;
  }[];
  readonly training: TrainingCase;
}

/** A training: a step takes the batches in turn. */
export interface TrainingCase {
  readonly optimizer: Omit<AdamWOptions, 'decayMask'>;
  readonly gradientClipNorm: number;
  readonly batches: readonly (readonly EncodedShard[])[];
  readonly steps: readonly {
    readonly learningRate: number;
    readonly loss: number;
    readonly gradientNorm: number;
  }[];
  /** After the last step. */
  readonly weights: Encoded;
}

/** A shard whose arrays are lists or encoded tensors. */
export type EncodedShard = Readonly<Record<string, number | readonly number[] | EncodedTensor>>;

/** `fixtures/conformance-layers.json`: cases of every layer. */
export const layerCases = (
  readFixture('conformance-layers') as { cases: readonly (LayerCase & { title: string })[] }
).cases;

/** `fixtures/conformance-optimizer.json`. */
export const optimizerCases = readFixture('conformance-optimizer') as {
  readonly clipping: readonly ClippingCase[];
  readonly adamw: AdamWCase;
};

/** `fixtures/conformance-models.json`. */
export const modelCases = readFixture('conformance-models') as {
  readonly classifier: ModelCase<ImageClassifierConfig>;
  readonly visionLanguage: ModelCase<VisionLanguageConfig>;
};
