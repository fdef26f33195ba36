import { join } from 'node:path';
import { DataError, EnvironmentError, UsageError, workerEntry } from '@pixelis/core';
import { collate, createExample, type ReasoningBatch, ReasoningSequence } from '@pixelis/data';
import { Generator } from '@pixelis/reproducibility';
import * as tf from '@tensorflow/tfjs';
import { setBackend } from '../../test/support/backends';
import { numbers, readFixture, relativeError, valuesOf } from '../../test/support/tensors';
import type { EncodedTensor } from '../../test/support/tensors';
import { tinyConfig } from '../../test/support/tiny-run';
import {
  networkOptions,
  networkShards,
  networkSpecs,
  networkTrainer,
  OBJECTIVES,
} from '../../test/support/worker-network';
import { given, type NetworkShard } from '../../test/support/worker-objective.cjs';
import { visionLanguageSpecs } from '../models/vision-language';
import { initialiseParameters, type ParameterSpecs } from '../parameters';
import { reasoningObjective } from '../sft/reasoning-objective';
import { modelConfigOf } from '../sft/sft-run';
import { TensorTrainer } from '../trainer/tensor-trainer';
import type { StepResult, Trainer, TrainerOptions } from '../trainer/trainer';
import { ArenaTrainer } from './arena-trainer';

/** What a trainer came to after each step. */
interface History {
  readonly results: StepResult[];
  readonly weights: Buffer[];
}

beforeAll(() => setBackend('wasm with kernels'));

/** Any thread may be the one that takes the shard. */
const CURSED = /^Training thread [01] failed: the shard is cursed$/;

describe('ArenaTrainer on threads', () => {
  it('gives the same bits on 1, 2, 3, 5 and 8 threads, for 1, 3, 8, 13 and 26 shards', async () => {
    const histories: History[] = [];
    for (const threads of [1, 2, 3, 5, 8]) {
      const { trainer, shardsOf } = visionLanguage(threads);
      histories.push(await train(trainer, [1, 3, 8, 13, 26, 3].map(shardsOf)));
      await trainer.dispose();
    }

    const [one, ...others] = histories as [History, ...History[]];
    expect(new Set(one.weights.map(String)).size).toBe(6);
    for (const several of others) expect(several).toEqual(one);
  }, 120_000);

  it('goes on from a snapshot to the same bits, on another number of threads', async () => {
    const whole = networkTrainer(1);
    const expected = await train(
      whole,
      [1, 2, 3, 4].map((seed) => networkShards(4, seed)),
    );
    const first = networkTrainer(2);
    await train(
      first,
      [1, 2].map((seed) => networkShards(4, seed)),
    );

    const resumed = new ArenaTrainer({ snapshot: await first.snapshot() }, networkOptions(3));
    expect(resumed.step).toBe(2);
    const rest = await train(
      resumed,
      [3, 4].map((seed) => networkShards(4, seed)),
    );

    expect(rest.results).toEqual(expected.results.slice(2));
    expect(rest.weights).toEqual(expected.weights.slice(2));
    expect(await resumed.snapshot()).toEqual(await whole.snapshot());
    await Promise.all([whole, first, resumed].map((trainer) => trainer.dispose()));
  });

  it('shows the parameters of the last step, and takes its tensors back', async () => {
    const before = tf.memory().numTensors;
    const trainer = networkTrainer(2);
    for (const seed of [1, 2]) {
      await trainer.update(networkShards(3, seed), 0.01);
      const { layout, parameters } = trainer;
      const weights = await trainer.weights();
      for (const { name, offset, size, shape } of layout.slots) {
        expect(parameters[name]!.shape).toEqual(shape);
        expect(await numbers(parameters[name]!)).toEqual(weights.slice(offset, offset + size));
      }
    }

    await trainer.dispose();
    await trainer.dispose();

    expect(tf.memory().numTensors).toBe(before);
    await expect(trainer.update(networkShards(3), 0.01)).rejects.toThrow('disposed');
  });

  it('keeps the parameters where the loss is not finite, and can go on', async () => {
    const trainer = networkTrainer(2);
    await trainer.update(networkShards(3), 0.01);
    const before = await trainer.snapshot();

    const failure = trainer.update([...networkShards(2), cursed('diverge')], 0.01);

    await expect(failure).rejects.toBeInstanceOf(UsageError);
    await expect(failure).rejects.toMatchObject({ code: 'TRAINING_DIVERGED' });
    expect(await trainer.snapshot()).toEqual(before);
    expect(await trainer.update(networkShards(3), 0.01)).toMatchObject({ step: 2 });
    await trainer.dispose();
  });

  it.each([
    ['exits', 'exit', EnvironmentError, { code: 'WORKER_LOST', exitCode: 3 }],
    ['throws what nobody catches', 'throw unheard', EnvironmentError, { code: 'WORKER_LOST' }],
    ['throws', 'throw', Error, { message: expect.stringMatching(CURSED) as string }],
    ['throws an error of ours', 'throw ours', DataError, { code: 'SHARD_UNREADABLE' }],
  ])('ends with a clear error where a thread %s', async (_, deed, type, fields) => {
    const trainer = networkTrainer(2);
    const failure = (async () => {
      // What a thread throws unheard can reach this one after the step.
      for (;;) await trainer.update([...networkShards(3), cursed(deed)], 0.01);
    })();

    await expect(failure).rejects.toBeInstanceOf(type);
    await expect(failure).rejects.toMatchObject(fields);
    await expect(trainer.update(networkShards(3), 0.01)).rejects.toMatchObject(fields);
    await expect(trainer.snapshot()).rejects.toMatchObject(fields);
    await trainer.dispose();
  });

  it.each([
    ['a module that is not there', { path: join(__dirname, 'nowhere.cjs') }, /nowhere/],
    ['a function that is not there', { factory: 'nobody' }, /must export the function nobody/],
    ['a function that makes none', { factory: 'nothing' }, /must be an objective/],
  ])('ends with a clear error for %s', async (_, changes, message) => {
    const options = networkOptions(2);
    const objectiveModule = { path: OBJECTIVES, factory: 'network', options: {}, ...changes };
    const parameters = initialiseParameters(networkSpecs, Generator.fromSeed(5));
    const trainer = new ArenaTrainer({ parameters }, { ...options, objectiveModule });

    await expect(trainer.update(networkShards(1), 0.01)).rejects.toThrow(message);
    await trainer.dispose();
    tf.dispose(parameters);
  });

  it('ends a step that is under way when it is disposed of', async () => {
    const trainer = networkTrainer(2);
    const step = trainer.update(networkShards(3), 0.01);

    await Promise.all([expect(step).rejects.toThrow('disposed'), trainer.dispose()]);
  });

  it('refuses a second step while one is under way', async () => {
    const trainer = networkTrainer(2);
    const step = trainer.update(networkShards(3), 0.01);

    await expect(trainer.update(networkShards(3), 0.01)).rejects.toBeInstanceOf(TypeError);
    expect(await step).toMatchObject({ step: 1 });
    await trainer.dispose();
  });

  it.each([0, -1, 1.5, NaN, 257])('refuses %d threads', (threads) => {
    expect(() => networkTrainer(threads)).toThrow(RangeError);
  });

  it('refuses several threads that cannot find the objective', () => {
    const { specs, objective, optimizer, gradientClipNorm } = networkOptions(2);
    const options = { specs, objective, optimizer, gradientClipNorm, threads: 2 };
    const parameters = initialiseParameters(networkSpecs, Generator.fromSeed(5));

    expect(() => new ArenaTrainer({ parameters }, options)).toThrow(TypeError);
    tf.dispose(parameters);
  });
});

describe('ArenaTrainer.update()', () => {
  it('comes close to the tensor operations of TensorTrainer', async () => {
    const parameters = initialiseParameters(networkSpecs, Generator.fromSeed(5));
    const tensors = new TensorTrainer(parameters, networkOptions(1));
    const arena = new ArenaTrainer({ parameters }, networkOptions(1));
    for (const seed of [1, 2, 3, 4, 5]) {
      const expected = await tensors.update(networkShards(4, seed), 1e-3);
      const found = await arena.update(networkShards(4, seed), 1e-3);

      expect(relativeError([found.loss], [expected.loss])).toBeLessThan(1e-6);
      expect(relativeError([found.gradientNorm], [expected.gradientNorm])).toBeLessThan(1e-6);
      const [gradients, weights] = [await arena.gradients(), await arena.weights()];
      expect(relativeError(packed(gradients, arena), await tensors.gradients())).toBeLessThan(1e-5);
      expect(relativeError(packed(weights, arena), await tensors.weights())).toBeLessThan(1e-6);
    }
    tf.dispose(parameters);
    await Promise.all([tensors.dispose(), arena.dispose()]);
  });

  it('takes the 100 steps of PyTorch, with clipping and decay', async () => {
    const { start, steps, decayed, maximum_norm, weight_decay, moments } = torchFixture();
    const specs: ParameterSpecs = Object.fromEntries(
      Object.entries(start).map(([name, { shape }]) => [
        name,
        { shape, isDecayed: decayed.includes(name), initializer: { kind: 'constant', value: 0 } },
      ]),
    );
    const trainer = new ArenaTrainer(
      { snapshot: { step: 0, ...snapshotOf(start) } },
      {
        specs,
        objective: given(),
        optimizer: { weightDecay: weight_decay },
        gradientClipNorm: maximum_norm,
      },
    );
    for (const { learning_rate, norm, gradients, weights } of steps) {
      const shard = Object.fromEntries(
        Object.entries(gradients).map(([name, tensor]) => [name, valuesOf(tensor)]),
      );
      const result = await trainer.update([shard], learning_rate);
      expect(relativeError([result.gradientNorm], [norm])).toBeLessThan(1e-6);
      for (const [name, expected] of Object.entries(weights ?? {})) {
        const found = await numbers(trainer.parameters[name]!);
        expect(relativeError(found, valuesOf(expected))).toBeLessThan(1e-6);
      }
    }
    const { firstMoments, secondMoments } = await trainer.snapshot();
    for (const [name, expected] of Object.entries(moments)) {
      const tree = name.startsWith('m.') ? firstMoments : secondMoments;
      expect(relativeError(tree[name.slice(2)]!.data, valuesOf(expected))).toBeLessThan(1e-6);
    }
    await trainer.dispose();
  });
});

// Helpers

async function train<Shard>(trainer: Trainer<Shard>, steps: Shard[][]): Promise<History> {
  const history: History = { results: [], weights: [] };
  for (const shards of steps) {
    history.results.push(await trainer.update(shards, 0.01));
    const { buffer, byteOffset, byteLength } = await trainer.weights();
    history.weights.push(Buffer.from(Buffer.from(buffer, byteOffset, byteLength)));
  }
  return history;
}

/** A vector of a trainer without the gaps in it. */
function packed(vector: Float32Array, { layout }: Pick<Trainer<never>, 'layout'>): number[] {
  return layout.slots.flatMap(({ offset, size }) => [...vector.subarray(offset, offset + size)]);
}

function cursed(deed: string): NetworkShard {
  return { rows: new Float32Array(40), deed };
}

/** A vision-language model of the smallest size, and ways to cut 26 demonstrations for it. */
function visionLanguage(threads: number): {
  trainer: ArenaTrainer<ReasoningBatch>;
  shardsOf: (count: number) => ReasoningBatch[];
} {
  const config = modelConfigOf(tinyConfig());
  const options: TrainerOptions<ReasoningBatch> = {
    specs: visionLanguageSpecs(config),
    objective: reasoningObjective(config),
    gradientClipNorm: 1,
    optimizer: {},
    threads,
    objectiveModule: {
      path: workerEntry(join(__dirname, '../sft/sft-run'), 'reasoning-objective'),
      factory: 'reasoningObjective',
      options: config,
    },
  };
  const parameters = initialiseParameters(options.specs, Generator.fromSeed(1).fork('model'));
  const trainer = new ArenaTrainer({ parameters }, options);
  tf.dispose(parameters);
  const levels = ['simple', 'medium', 'hard'] as const;
  const sequences = Array.from({ length: 26 }, (_, index) =>
    ReasoningSequence.ofDemonstration(
      createExample({ level: levels[index % 3]!, split: 'val', index, seed: 0 }),
    ),
  );
  const shardsOf = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      collate(
        sequences.slice(Math.floor((26 * index) / count), Math.floor((26 * (index + 1)) / count)),
        { patchSize: 7 },
      ),
    );
  return { trainer, shardsOf };
}

interface TorchFixture {
  readonly weight_decay: number;
  readonly decayed: string[];
  readonly maximum_norm: number;
  readonly start: Record<string, EncodedTensor>;
  readonly steps: {
    readonly learning_rate: number;
    readonly norm: number;
    readonly gradients: Record<string, EncodedTensor>;
    readonly weights?: Record<string, EncodedTensor>;
  }[];
  readonly moments: Record<string, EncodedTensor>;
}

function torchFixture(): TorchFixture {
  return readFixture('optimizer') as TorchFixture;
}

function snapshotOf(start: Record<string, EncodedTensor>) {
  const tree = (of: (tensor: EncodedTensor) => Float32Array) =>
    Object.fromEntries(
      Object.entries(start).map(([name, tensor]) => [
        name,
        { shape: tensor.shape, data: of(tensor) },
      ]),
    );
  const zeros = tree((tensor) => valuesOf(tensor).fill(0));
  return { parameters: tree(valuesOf), firstMoments: zeros, secondMoments: zeros };
}
