import type { ReasoningBatch } from '@pixelis/data';
import { crossEntropySum } from '../layers/cross-entropy';
import { type VisionLanguageConfig, visionLanguageLogits } from '../models/vision-language';
import type { Objective } from '../trainer/objective';

/**
 * Supervised fine-tuning on demonstrations: cross-entropy of every token that the model has to emit, weighted as the
 * batch says. What the model is told (pictures, question, results of operations) is not learned.
 */
export function reasoningObjective(config: VisionLanguageConfig): Objective<ReasoningBatch> {
  return {
    lossSum(parameters, shard) {
      const positions = targetPositions(shard);
      return crossEntropySum(visionLanguageLogits(parameters, shard, { config, positions }), {
        targets: positions.map((position) => shard.targets[position] ?? -1),
        weights: Float32Array.from(positions, (position) => shard.weights[position] ?? 0),
      });
    },
    weight: ({ weights }) => weights.reduce((sum, weight) => sum + weight, 0),
  };
}

function targetPositions({ targets }: ReasoningBatch): Int32Array {
  return Int32Array.from([...targets.keys()].filter((position) => (targets[position] ?? -1) >= 0));
}
