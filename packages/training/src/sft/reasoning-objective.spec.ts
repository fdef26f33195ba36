import { collate, NONE, type ReasoningBatch, ReasoningSequence } from '@pixelis/data';
import * as tf from '@tensorflow/tfjs';
import { setBackend } from '../../test/support/backends';
import { numbers } from '../../test/support/tensors';
import { tinyModel, valExamples } from '../../test/support/tiny-model';
import { toBackend } from '../host-tensors';
import { visionLanguageInputs, visionLanguageLogits } from '../models/vision-language';
import { reasoningObjective } from './reasoning-objective';

beforeAll(() => setBackend('wasm with kernels'));

describe('reasoningObjective()', () => {
  it('sums the weighted cross-entropy of the tokens to emit, and of nothing else', async () => {
    const { config, parameters } = tinyModel();
    const batch = demonstrations({ actionTokenWeight: 0.25 });
    const logits = visionLanguageLogits(
      parameters,
      toBackend(visionLanguageInputs(batch, { config })),
      config,
    );
    const rows = await numbers(logits);
    let expected = 0;
    for (const [position, target] of batch.targets.entries()) {
      if (target === NONE) continue;
      const row = rows.subarray(
        position * config.vocabularySize,
        (position + 1) * config.vocabularySize,
      );
      const total = row.reduce((sum, logit) => sum + Math.exp(logit), 0);
      expected += batch.weights[position]! * (Math.log(total) - row[target]!);
    }

    const objective = reasoningObjective(config);
    const loss = objective.lossSum(parameters, toBackend(objective.inputs(batch)));

    expect((await numbers(loss))[0]! / expected).toBeCloseTo(1, 5);
    tf.dispose([parameters, logits, loss]);
  });

  it('weighs calls of visual operations as the batch says, the rest by 1', () => {
    const { config, parameters } = tinyModel();
    tf.dispose(parameters);
    const objective = reasoningObjective(config);
    const [none, quarter, whole] = [0, 0.25, 1].map((actionTokenWeight) =>
      objective.weight(demonstrations({ actionTokenWeight })),
    );
    const emitted = demonstrations({ actionTokenWeight: 1 }).targets.filter(
      (target) => target !== NONE,
    ).length;

    expect(whole).toBe(emitted);
    expect(none).toBeGreaterThan(0);
    expect(none).toBeLessThan(whole!);
    expect(quarter).toBeCloseTo(none! + (whole! - none!) / 4, 6);
  });

  it('does not depend on how far a batch is padded', async () => {
    const { config, parameters } = tinyModel();
    const objective = reasoningObjective(config);
    const [short] = valExamples('simple', 1).map((each) => ReasoningSequence.ofDemonstration(each));
    const [long] = valExamples('hard', 1).map((each) => ReasoningSequence.ofDemonstration(each));
    const sums = [];
    for (const sequences of [[short!], [long!], [short!, long!]]) {
      const loss = objective.lossSum(parameters, toBackend(objective.inputs(collate(sequences))));
      sums.push((await numbers(loss))[0]!);
      loss.dispose();
    }

    expect(sums[2]! / (sums[0]! + sums[1]!)).toBeCloseTo(1, 6);
    tf.dispose(parameters);
  });
});

// Helpers

function demonstrations(options: { actionTokenWeight: number }): ReasoningBatch {
  const examples = [...valExamples('simple', 2), ...valExamples('hard', 2)];
  return collate(
    examples.map((example) => ReasoningSequence.ofDemonstration(example)),
    options,
  );
}
