import { collate, createExample, type ReasoningBatch, ReasoningSequence } from '@pixelis/data';
import { Generator } from '@pixelis/reproducibility';
import { type CompiledStep, compileStep } from '@pixelis/xla';
import * as tf from '@tensorflow/tfjs';
import { loadBackend } from '../../src/backends/load-backend';
import { decodeSafetensors } from '../../src/checkpoints/safetensors';
import { encodeCheckpoint } from '../../src/checkpoints/checkpoint';
import {
  classificationObjective,
  type ClassificationShard,
} from '../../src/classification/classification-objective';
import { imageClassifierSpecs } from '../../src/models/image-classifier';
import { visionLanguageSpecs } from '../../src/models/vision-language';
import { initialiseParameters } from '../../src/parameters';
import { reasoningObjective } from '../../src/sft/reasoning-objective';
import { modelConfigOf } from '../../src/sft/sft-run';
import { CompiledTrainer } from '../../src/trainer/compiled-trainer';
import { createTrainer } from '../../src/trainer/create-trainer';
import { TensorTrainer } from '../../src/trainer/tensor-trainer';
import type { Trainer, TrainerOptions } from '../../src/trainer/trainer';
import { type AdapterShard, adapterObjective, adapterSpecs } from '../support/adapter-objective';
import { squares, type SquaresShard, squaresSpecs } from '../support/squares-objective';
import { relativeError } from '../support/tensors';
import { tinyConfig } from '../support/tiny-run';

const STEPS = 100;
const LEARNING_RATE = 1e-3;

/** Steps whose memory is measured; the usual few hundred, or as many as it takes to be sure. */
const MEMORY_STEPS = Number(process.env['PIXELIS_MEMORY_STEPS'] ?? 300);

/** Of the loss; 0.0017 was measured. */
const BF16_TOLERANCE = 0.01;

beforeAll(() => loadBackend('cpu'));

interface Task<Shard> {
  readonly options: TrainerOptions<Shard>;
  /** Steps take them in turn. */
  readonly batches: readonly (readonly Shard[])[];
}

/** A task, whatever its shards are. */
type AnyTask = <Result>(visit: <Shard>(task: Task<Shard>) => Result) => Result;

const TASKS: readonly (readonly [name: string, task: AnyTask])[] = [
  ['a vision transformer that classifies', (visit) => visit(classification())],
  ['the fine-tuning of a vision-language model', (visit) => visit(fineTuning())],
  ['adapters of low rank beside frozen weights', (visit) => visit(adapters())],
];

describe.each(TASKS)('CompiledTrainer on the native backend: %s', (_, task) => {
  it('takes each of 100 steps as the eager one takes it from the same state, and strays little from it in all', () =>
    task(compareWithEager));
});

async function compareWithEager<Shard>({ options, batches }: Task<Shard>): Promise<void> {
  const { trainer, steps } = compiledTrainer(options);
  const free = new TensorTrainer(startOf(options), options);
  const [differences, strays]: [number[], number[]] = [[], []];
  for (let step = 0; step < STEPS; step++) {
    const shards = batches[step % batches.length]!;
    const eager = TensorTrainer.fromSnapshot(await trainer.snapshot(), options);
    const [actual, expected] = [
      await trainer.update(shards, LEARNING_RATE),
      await eager.update(shards, LEARNING_RATE),
    ];
    const stray = await free.update(shards, LEARNING_RATE);

    differences.push(Math.abs(actual.loss / expected.loss - 1));
    strays.push(Math.abs(actual.loss - stray.loss));
    const [found, wanted] = [await trainer.gradients(), await eager.gradients()];
    for (const { name, offset, size } of trainer.layout.slots) {
      const of = (vector: Float32Array) => vector.subarray(offset, offset + size);
      const error = relativeError(of(found), of(wanted));
      expect({ step, name, isWithin: error < 1e-4 }).toEqual({ step, name, isWithin: true });
    }
    await eager.dispose();
  }

  expect(Math.max(...differences)).toBeLessThan(1e-5);
  expect(Math.max(...strays)).toBeLessThan(1e-3);
  expect(steps.fallback).toBeUndefined();
  expect(steps.compilations).toBe(1);
  await trainer.dispose();
  await free.dispose();
}

describe('CompiledTrainer', () => {
  it('is what createTrainer() makes on the native backend, and is told of no fallback', async () => {
    const onFallback = jest.fn();
    const options = { ...squaresOptions(), isCompiled: true, onFallback };
    const trainer = createTrainer({ parameters: startOf(options) }, options);
    await trainer.update([squaresShard(3)], 0.1);

    expect(trainer).toBeInstanceOf(CompiledTrainer);
    expect(onFallback).not.toHaveBeenCalled();
    await trainer.dispose();
  });

  it('compiles anew for other shapes, once for each, and goes on from where it stands', async () => {
    const { trainer, steps } = compiledTrainer(squaresOptions());
    const eager = new TensorTrainer(startOf(squaresOptions()), squaresOptions());
    for (const count of [3, 5, 3, 5, 3]) {
      const { loss } = await trainer.update([squaresShard(count)], 0.1);
      const expected = await eager.update([squaresShard(count)], 0.1);
      expect(Math.abs(loss / expected.loss - 1)).toBeLessThan(1e-5);
    }

    expect(steps.compilations).toBe(2);
    await trainer.dispose();
    await eager.dispose();
  });

  it('changes nothing where the gradient is not finite', async () => {
    const { trainer } = compiledTrainer(squaresOptions());
    await trainer.update([squaresShard(3)], 0.1);
    const before = await trainer.snapshot();
    const shard: SquaresShard = { ...squaresShard(3), targets: [1, NaN, 0] };

    await expect(trainer.update([shard], 0.1)).rejects.toMatchObject({ code: 'TRAINING_DIVERGED' });

    expect(await trainer.snapshot()).toEqual(before);
    await trainer.dispose();
  });

  it('goes on from a checkpoint with the bits of a run that was not interrupted', async () => {
    const { options, batches } = adapters();
    const { trainer } = compiledTrainer(options);
    const run = async (each: Trainer<AdapterShard>, from: number, to: number) => {
      for (let step = from; step < to; step++) {
        await each.update(batches[step % batches.length]!, LEARNING_RATE);
      }
    };
    await run(trainer, 0, 5);
    const snapshot = await trainer.snapshot();
    const saved = decodeSafetensors(encodeCheckpoint({ ...snapshot, state: {} }));
    expect(Object.keys(saved.tensors)).toHaveLength(3 * trainer.layout.slots.length);
    const resumed = compiledTrainer(options, { snapshot }).trainer;
    await run(trainer, 5, 10);
    await run(resumed, 5, 10);

    expect(resumed.step).toBe(10);
    expect(await resumed.snapshot()).toEqual(await trainer.snapshot());
    await trainer.dispose();
    await resumed.dispose();
  });

  it('shows after each step the parameters that it then has', async () => {
    const { trainer } = compiledTrainer(squaresOptions());
    for (let step = 0; step < 3; step++) {
      await trainer.update([squaresShard(3)], 0.1);
      const { parameters } = await trainer.snapshot();
      const slope = trainer.parameters['slope']!;
      expect(await slope.data()).toEqual(parameters['slope']!.data);
    }
    await trainer.dispose();
  });

  it('multiplies in bfloat16 where it is asked to, with a loss near that of float32', async () => {
    const { options, batches } = adapters();
    const [full, half] = [options, { ...options, precision: 'bf16' as const }].map(
      (each) => compiledTrainer(each).trainer,
    );
    const differences = [];
    for (let step = 0; step < 20; step++) {
      const shards = batches[step % batches.length]!;
      const [expected, actual] = [
        await full!.update(shards, LEARNING_RATE),
        await half!.update(shards, LEARNING_RATE),
      ];
      differences.push(Math.abs(actual.loss / expected.loss - 1));
    }

    expect(Math.max(...differences)).toBeGreaterThan(0);
    expect(Math.max(...differences)).toBeLessThan(BF16_TOLERANCE);
    await full!.dispose();
    await half!.dispose();
  });

  it('takes no more memory after hundreds of steps', async () => {
    const before = tf.memory().numTensors;
    const { trainer } = compiledTrainer(squaresOptions());
    const shards = [squaresShard(3), squaresShard(3)];
    for (let step = 0; step < 100; step++) await trainer.update(shards, 1e-3);
    const [tensors, bytes] = [tf.memory().numTensors, process.memoryUsage.rss()];
    for (let step = 0; step < MEMORY_STEPS; step++) await trainer.update(shards, 1e-3);

    expect(tf.memory().numTensors).toBe(tensors);
    // A tensor lost in each step would be seen above; what TensorFlow loses, here: 64 KiB a step.
    expect((process.memoryUsage.rss() - bytes) / MEMORY_STEPS).toBeLessThan(65_536);
    await trainer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

// Helpers

/** A trainer at its start or where another stood, and the step that it runs. */
function compiledTrainer<Shard>(
  options: TrainerOptions<Shard>,
  start?: ConstructorParameters<typeof CompiledTrainer<Shard>>[0],
): { trainer: CompiledTrainer<Shard>; steps: CompiledStep } {
  const made: CompiledStep[] = [];
  const parameters = startOf(options);
  const trainer = new CompiledTrainer(start ?? { parameters }, {
    ...options,
    compile: (step, stepOptions) => {
      const compiled = compileStep(step, stepOptions);
      made.push(compiled);
      return compiled;
    },
  });
  tf.dispose(parameters);
  return { trainer, steps: made[0]! };
}

function startOf<Shard>({ specs }: TrainerOptions<Shard>): Record<string, tf.Tensor> {
  return initialiseParameters(specs, Generator.fromSeed(1).fork('model'));
}

function classification(): Task<ClassificationShard> {
  const shape = { dim: 16, heads: 2, mlpRatio: 2, layers: 1 };
  const config = { ...shape, patches: 9, patchValues: 12, classes: 5 };
  const source = Generator.fromSeed(2);
  const shard = (): ClassificationShard => ({
    patches: Float32Array.from({ length: 4 * 9 * 12 }, () => source.normal()),
    labels: Int32Array.from({ length: 4 }, () => Math.floor(5 * source.uniform())),
  });
  return {
    options: {
      specs: imageClassifierSpecs(config),
      objective: classificationObjective(config),
      gradientClipNorm: 1,
      optimizer: {},
    },
    batches: Array.from({ length: 4 }, () => [shard(), shard()]),
  };
}

function fineTuning(): Task<ReasoningBatch> {
  const config = modelConfigOf(tinyConfig());
  const demonstrations = (from: number): ReasoningBatch =>
    collate(
      [0, 1, 2].map((index) =>
        ReasoningSequence.ofDemonstration(
          createExample({ level: 'simple', split: 'val', index: from + index, seed: 0 }),
        ),
      ),
    );
  return {
    options: {
      specs: visionLanguageSpecs(config),
      objective: reasoningObjective(config),
      gradientClipNorm: 1,
      optimizer: {},
    },
    batches: [0, 6, 12].map((from) => [demonstrations(from), demonstrations(from + 3)]),
  };
}

function adapters(): Task<AdapterShard> {
  const source = Generator.fromSeed(3);
  const shard = (): AdapterShard => ({
    rows: Float32Array.from({ length: 8 * 16 }, () => source.normal()),
    targets: Float32Array.from({ length: 8 * 16 }, () => source.normal()),
  });
  return {
    options: {
      specs: adapterSpecs,
      objective: adapterObjective(),
      gradientClipNorm: 1,
      optimizer: {},
    },
    batches: Array.from({ length: 3 }, () => [shard(), shard()]),
  };
}

function squaresOptions(): TrainerOptions<SquaresShard> {
  return { specs: squaresSpecs, objective: squares, gradientClipNorm: 1, optimizer: {} };
}

function squaresShard(count: number): SquaresShard {
  return {
    inputs: Array.from({ length: count }, (_, index): [number, number] => [index, 1 - index]),
    targets: Array.from({ length: count }, (_, index) => 3 - index),
  };
}
