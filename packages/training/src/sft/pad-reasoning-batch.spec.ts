import { collate, NONE, type ReasoningBatch, ReasoningSequence } from '@pixelis/data';
import * as tf from '@tensorflow/tfjs';
import { setBackend } from '../../test/support/backends';
import { numbers, relativeError } from '../../test/support/tensors';
import { tinyModel, valExamples } from '../../test/support/tiny-model';
import { toBackend } from '../host-tensors';
import { ParameterLayout } from '../parameters';
import { visionLanguageSpecs } from '../models/vision-language';
import { inputGradient, shardGradient } from '../trainer/shard-gradient';
import { commonExtents, padReasoningBatch, targetPositions } from './pad-reasoning-batch';
import { reasoningObjective } from './reasoning-objective';

const LONGEST = 59;

describe('commonExtents()', () => {
  it('holds every shard, and is the same for shards that differ little', () => {
    const shards = [demonstrations('simple', 4), demonstrations('hard', 3)];
    const extents = commonExtents(shards, LONGEST);

    for (const shard of shards) {
      expect(extents.batch).toBeGreaterThanOrEqual(shard.batch);
      expect(extents.length).toBeGreaterThanOrEqual(shard.length);
      expect(extents.imageCount).toBeGreaterThanOrEqual(shard.imageCount);
      expect(extents.targetCount).toBeGreaterThanOrEqual(targetPositions(shard).length);
    }
    expect(extents.length).toBe(LONGEST);
  });

  it('is the same for shards that differ little, and never longer than the model reads', () => {
    const shard = demonstrations('simple', 4);
    const extents = (changes: Partial<ReasoningBatch>) =>
      commonExtents([{ ...shard, ...changes }], LONGEST);

    expect(extents({ length: 35, imageCount: 7 })).toEqual(extents({ length: 40, imageCount: 8 }));
    expect(extents({ length: 41 })).not.toEqual(extents({ length: 40 }));
    expect(extents({ length: 58 }).length).toBe(LONGEST);
  });
});

describe('padReasoningBatch()', () => {
  it('keeps each sequence at the start of its row, and adds nothing that counts', () => {
    const shard = demonstrations('simple', 2);
    const padded = padReasoningBatch(shard, {
      batch: 3,
      length: shard.length + 2,
      imageCount: shard.imageCount + 1,
    });

    for (const name of ['tokens', 'patches', 'targets', 'weights'] as const) {
      const rows = (batch: ReasoningBatch) =>
        Array.from({ length: batch.batch }, (_, row) => [
          ...batch[name].subarray(row * batch.length, (row + 1) * batch.length),
        ]);
      const filler = name === 'weights' ? 0 : NONE;
      expect(rows(padded)).toEqual([
        ...rows(shard).map((row) => [...row, filler, filler]),
        new Array(padded.length).fill(filler),
      ]);
    }
    expect(padded.images.subarray(0, shard.images.length)).toEqual(shard.images);
    expect(padded.images.subarray(shard.images.length)).toEqual(new Uint8Array(784));
    expect([...padded.lengths]).toEqual([...shard.lengths, 0]);
  });
});

describe('paddedInputs() of reasoningObjective()', () => {
  beforeAll(() => setBackend('wasm with kernels'));

  it('gives all shards the same shapes', () => {
    const { config, parameters } = tinyModel();
    tf.dispose(parameters);
    const shapes = padded(config, [demonstrations('simple', 3), demonstrations('hard', 2)]).map(
      (inputs) => Object.entries(inputs).map(([name, { shape }]) => [name, shape]),
    );
    expect(shapes[1]).toEqual(shapes[0]);
  });

  it('changes neither the loss nor a gradient', async () => {
    const { config, parameters } = tinyModel({ scale: 4 });
    const layout = new ParameterLayout(visionLanguageSpecs(config));
    const objective = reasoningObjective(config);
    const shards = [demonstrations('simple', 3), demonstrations('hard', 4)];
    for (const [index, inputs] of padded(config, shards).entries()) {
      const expected = shardGradient(parameters, { objective, layout, shard: shards[index]! });
      const tensors = toBackend(inputs);
      const actual = inputGradient(parameters, { objective, layout, inputs: tensors });

      expect(
        relativeError(await numbers(actual.lossSum), await numbers(expected.lossSum)),
      ).toBeLessThan(1e-6);
      for (const { name } of layout.slots) {
        const error = relativeError(
          await numbers(actual.gradients[name]!),
          await numbers(expected.gradients[name]!),
        );
        expect({ name, isWithin: error < 1e-6 }).toEqual({ name, isWithin: true });
      }
      tf.dispose([expected.lossSum, expected.gradients, actual.lossSum, actual.gradients, tensors]);
    }
    tf.dispose(parameters);
  });
});

// Helpers

function padded(
  config: Parameters<typeof reasoningObjective>[0],
  shards: readonly ReasoningBatch[],
) {
  const made = reasoningObjective(config).paddedInputs?.(shards);
  if (made === undefined) throw new TypeError('The objective must pad');
  return made;
}

function demonstrations(level: 'simple' | 'hard', count: number, from = 0): ReasoningBatch {
  return collate(
    valExamples(level, from + count)
      .slice(from)
      .map((example) => ReasoningSequence.ofDemonstration(example)),
  );
}
