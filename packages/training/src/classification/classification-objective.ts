import { workerEntry } from '@pixelis/core';
import { crossEntropySum } from '../layers/cross-entropy';
import { imageClassifierLogits, type ImageClassifierConfig } from '../models/image-classifier';
import type { ObjectiveModule } from '../threads/objective-module';
import type { Objective } from '../trainer/objective';

/** Labelled images, as flattened patches. */
export interface ClassificationShard {
  /** `[images·patches·patchValues]`, row-major */
  readonly patches: Float32Array;
  /** Class of each image. */
  readonly labels: Int32Array;
}

/** Cross-entropy of the class of each image, all images alike. */
export function classificationObjective(
  config: ImageClassifierConfig,
): Objective<ClassificationShard> {
  return {
    lossSum: (parameters, { patches, labels }) =>
      crossEntropySum(imageClassifierLogits(parameters, patches, config), {
        targets: labels,
        weights: new Float32Array(labels.length).fill(1),
      }),
    weight: ({ labels }) => labels.length,
  };
}

/** Where worker threads find {@link classificationObjective}. */
export function classificationObjectiveModule(config: ImageClassifierConfig): ObjectiveModule {
  return {
    path: workerEntry(__filename, 'classification-objective'),
    factory: 'classificationObjective',
    options: config,
  };
}
