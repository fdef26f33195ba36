import { workerEntry } from '@pixelis/core';
import { inputNamed } from '../host-tensors';
import { crossEntropyLabels, crossEntropySum } from '../layers/cross-entropy';
import {
  type ImageClassifierConfig,
  imageClassifierLogits,
  patchRows,
} from '../models/image-classifier';
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
    inputs: ({ patches, labels }) => ({
      patches: patchRows(patches, config),
      ...crossEntropyLabels(
        { targets: labels, weights: new Float32Array(labels.length).fill(1) },
        config.classes,
      ),
    }),
    lossSum: (parameters, inputs) =>
      crossEntropySum(imageClassifierLogits(parameters, inputNamed(inputs, 'patches'), config), {
        targets: inputNamed(inputs, 'targets'),
        weights: inputNamed(inputs, 'weights'),
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
