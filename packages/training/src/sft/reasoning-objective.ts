import { NONE, type ReasoningBatch } from '@pixelis/data';
import { type HostTensors, inputNamed } from '../host-tensors';
import { crossEntropyLabels, crossEntropySum } from '../layers/cross-entropy';
import {
  type VisionLanguageConfig,
  visionLanguageInputs,
  visionLanguageLogits,
} from '../models/vision-language';
import type { Objective } from '../trainer/objective';
import { commonExtents, padReasoningBatch, targetPositions } from './pad-reasoning-batch';

/**
 * Supervised fine-tuning on demonstrations: cross-entropy of every token that the model has to emit, weighted as the
 * batch says. What the model is told (pictures, question, results of operations) is not learned.
 */
export function reasoningObjective(config: VisionLanguageConfig): Objective<ReasoningBatch> {
  return {
    inputs: (shard) => inputsOf(shard, { config, positions: targetPositions(shard) }),
    paddedInputs(shards) {
      const extents = commonExtents(shards, config.maximumLength);
      return shards.map((shard) => {
        const padded = padReasoningBatch(shard, extents);
        const positions = new Int32Array(extents.targetCount).fill(NONE);
        positions.set(targetPositions(padded));
        return inputsOf(padded, { config, positions });
      });
    },
    lossSum: (parameters, inputs) =>
      crossEntropySum(visionLanguageLogits(parameters, inputs, config), {
        targets: inputNamed(inputs, 'targets'),
        weights: inputNamed(inputs, 'weights'),
      }),
    weight: ({ weights }) => weights.reduce((sum, weight) => sum + weight, 0),
  };
}

/** @param options Also, the positions whose logits the loss reads; `NONE` for a row that does not count. */
function inputsOf(
  shard: ReasoningBatch,
  { config, positions }: { config: VisionLanguageConfig; positions: Int32Array },
): HostTensors {
  const targets = positions.map((position) => shard.targets[position] ?? NONE);
  const weights = Float32Array.from(positions, (position) => shard.weights[position] ?? 0);
  return {
    ...visionLanguageInputs(shard, { config, positions }),
    ...crossEntropyLabels({ targets, weights }, config.vocabularySize),
  };
}
