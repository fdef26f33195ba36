import type { ReasoningBatch } from '@pixelis/data';
import {
  classificationObjective,
  type ClassificationShard,
} from '../../src/classification/classification-objective';
import { imageClassifierSpecs } from '../../src/models/image-classifier';
import { visionLanguageSpecs } from '../../src/models/vision-language';
import type { ParameterSpecs } from '../../src/parameters';
import { reasoningObjective } from '../../src/sft/reasoning-objective';
import type { Objective } from '../../src/trainer/objective';
import { type EncodedTensor, valuesOf } from '../support/tensors';
import { type EncodedShard, type ModelCase, modelCases } from './fixtures';

/** A model with everything that its training needs. */
export interface ConformanceModel<Shard> {
  readonly name: string;
  readonly specs: ParameterSpecs;
  readonly objective: Objective<Shard>;
  readonly shardOf: (encoded: EncodedShard) => Shard;
  readonly fixture: ModelCase<unknown>;
}

/** The vision transformer that classifies images. */
export const classifier: ConformanceModel<ClassificationShard> = {
  name: 'vision transformer',
  specs: imageClassifierSpecs(modelCases.classifier.config),
  objective: classificationObjective(modelCases.classifier.config),
  shardOf: ({ patches, labels }) => ({
    patches: valuesOf(patches as EncodedTensor),
    labels: Int32Array.from(labels as number[]),
  }),
  fixture: modelCases.classifier,
};

/** The vision-language model that is fine-tuned on demonstrations. */
export const visionLanguage: ConformanceModel<ReasoningBatch> = {
  name: 'vision-language model',
  specs: visionLanguageSpecs(modelCases.visionLanguage.config),
  objective: reasoningObjective(modelCases.visionLanguage.config),
  shardOf: (encoded) => {
    const { images, tokens, patches, targets, weights, lengths } = encoded as Record<
      string,
      number[]
    >;
    const { batch, length, imageCount, patchCount } = encoded as Record<string, number>;
    return {
      batch: batch!,
      length: length!,
      imageCount: imageCount!,
      patchCount: patchCount!,
      images: Uint8Array.from(images!),
      tokens: Int32Array.from(tokens!),
      patches: Int32Array.from(patches!),
      targets: Int32Array.from(targets!),
      weights: Float32Array.from(weights!),
      lengths: Int32Array.from(lengths!),
    };
  },
  fixture: modelCases.visionLanguage,
};
