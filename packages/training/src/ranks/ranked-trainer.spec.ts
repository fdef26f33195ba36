import { DataError, digestParts, IntegrityError, UsageError } from '@pixelis/core';
import { memoryWorlds, type World } from '@pixelis/distributed';
import { Generator } from '@pixelis/reproducibility';
import * as tf from '@tensorflow/tfjs';
import { setBackend } from '../../test/support/backends';
import { networkOptions, networkShards, networkSpecs } from '../../test/support/worker-network';
import type { NetworkShard } from '../../test/support/worker-objective.cjs';
import { initialiseParameters } from '../parameters';
import { createTrainer } from '../trainer/create-trainer';
import type { StepResult, Trainer, TrainerStart } from '../trainer/trainer';
import { RankedTrainer } from './ranked-trainer';
import { runInWorld } from './run-in-world';

/** What a trainer came to after each step; of vectors their digests. */
interface History {
  readonly results: StepResult[];
  readonly weights: string[];
  readonly gradients: string[];
}

describe.each(['wasm with kernels', 'cpu'] as const)('RankedTrainer on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it('gives the bits of one process on 1, 2, 3 and 4 ranks, for 4, 5 and 8 shards', async () => {
    const batches = [4, 5, 8].map((count, seed) => networkShards(count, seed));
    const expected = await trainAlone(batches);
    expect(new Set(expected.weights).size).toBe(3);

    for (const size of [1, 2, 3, 4]) {
      const found = await onRanks(memoryWorlds(size), (trainer) => train(trainer, batches));
      expect(found).toEqual(expected);
    }
  });

  it('goes on from a snapshot to the same bits, on another number of ranks', async () => {
    const batches = [1, 2, 3].map((seed) => networkShards(3, seed));
    const expected = await trainAlone(batches);
    const snapshot = await onRanks(memoryWorlds(2), async (trainer) => {
      await train(trainer, batches.slice(0, 2));
      return trainer.snapshot();
    });
    expect(snapshot.step).toBe(2);

    const rest = await onRanks(memoryWorlds(3), (trainer) => train(trainer, batches.slice(2)), {
      snapshot,
    });

    expect(rest.results).toEqual(expected.results.slice(2));
    expect(rest.weights).toEqual(expected.weights.slice(2));
  });

  it('changes nothing in any rank where the loss is not finite, and can go on', async () => {
    const batches = [1, 2].map((seed) => networkShards(3, seed));
    const expected = await trainAlone(batches);

    const found = await onRanks(memoryWorlds(3), async (trainer) => {
      const before = await train(trainer, batches.slice(0, 1));
      const failure = trainer.update([...networkShards(2), cursed('diverge')], 0.01);
      await expect(failure).rejects.toBeInstanceOf(UsageError);
      await expect(failure).rejects.toMatchObject({
        code: 'TRAINING_DIVERGED',
        message: expect.stringContaining('step 2: the loss is NaN') as string,
      });
      const after = await train(trainer, batches.slice(1));
      return [...before.weights, ...after.weights];
    });

    expect(found).toEqual(expected.weights);
  });

  it('gives all tensors back, in every rank', async () => {
    const before = tf.memory().numTensors;
    await onRanks(memoryWorlds(3), (trainer) => train(trainer, [networkShards(3)]));

    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps the number of tensors from step to step', async () => {
    await onRanks(memoryWorlds(2), async (trainer) => {
      await trainer.update(networkShards(2), 0.01);
      const { numTensors } = tf.memory();
      for (let step = 0; step < 3; step++) await trainer.update(networkShards(2), 0.01);
      expect(tf.memory().numTensors).toBe(numTensors);
    });
  });
});

describe('RankedTrainer', () => {
  beforeAll(() => setBackend('wasm with kernels'));

  it.each([
    ['this rank', 0],
    ['another rank', 2],
  ])('passes on what the objective throws in %s, and can go on', async (_, place) => {
    await onRanks(memoryWorlds(3), async (trainer) => {
      const shards = networkShards(3);
      shards[place] = cursed('throw ours');
      const failure = trainer.update(shards, 0.01);
      await expect(failure).rejects.toBeInstanceOf(DataError);
      await expect(failure).rejects.toMatchObject({ code: 'SHARD_UNREADABLE' });

      expect(await trainer.update(networkShards(3), 0.01)).toMatchObject({ step: 1 });
    });
  });

  it('names the rank whose objective has a defect', async () => {
    await onRanks(memoryWorlds(2), async (trainer) => {
      const shards = [...networkShards(1), cursed('throw')];

      await expect(trainer.update(shards, 0.01)).rejects.toThrow(
        'Rank 1 failed: the shard is cursed',
      );
    });
  });

  it.each([
    ['after the first step', (trainer: Trainer<NetworkShard>) => step(trainer), 1],
    [
      'after every tenth step',
      async (trainer: Trainer<NetworkShard>) => {
        for (let count = 0; count < 10; count++) await step(trainer);
      },
      7,
    ],
    [
      'before it is saved',
      async (trainer: Trainer<NetworkShard>) => {
        for (let count = 0; count < 3; count++) await step(trainer);
        await trainer.snapshot();
      },
      2,
    ],
  ])('tells that a rank has parted from the others %s', async (_, deed, brokenAt) => {
    const [root, good, bad] = memoryWorlds(3) as [World, World, World];
    const failure = onRanks([root, good, withBrokenSum(bad, brokenAt)], deed);

    await expect(failure).rejects.toBeInstanceOf(IntegrityError);
    await expect(failure).rejects.toMatchObject({
      code: 'RANKS_DIFFER',
      exitCode: 5,
      message: expect.stringMatching(/^The weights of rank 2 .* after step \d+$/) as string,
    });
  });

  it('refuses fewer shards than ranks, and no shards', async () => {
    await onRanks(memoryWorlds(3), async (trainer) => {
      const failure = trainer.update(networkShards(2), 0.01);
      await expect(failure).rejects.toBeInstanceOf(UsageError);
      await expect(failure).rejects.toMatchObject({ code: 'SHARDS_TOO_FEW', exitCode: 2 });
      await expect(trainer.update([], 0.01)).rejects.toBeInstanceOf(RangeError);
    });
  });

  it('refuses a second step while one is under way', async () => {
    await onRanks(memoryWorlds(2), async (trainer) => {
      const first = trainer.update(networkShards(2), 0.01);
      await expect(trainer.update(networkShards(2), 0.01)).rejects.toBeInstanceOf(TypeError);
      expect(await first).toMatchObject({ step: 1 });
    });
  });

  it('refuses to stand in another rank than 0, or without an objective module', () => {
    const [root, other] = memoryWorlds(2) as [World, World];
    const { objectiveModule, ...options } = networkOptions(1);
    const start = networkStart();

    expect(() => new RankedTrainer(start, { ...networkOptions(1), world: other })).toThrow(
      /must stand in rank 0/,
    );
    expect(() => new RankedTrainer(start, { ...options, world: root })).toThrow(/objectiveModule/);
    expect(objectiveModule).toBeDefined();
    tf.dispose(start.parameters);
  });
});

describe('runInWorld()', () => {
  beforeAll(() => setBackend('wasm with kernels'));

  it('ends all ranks where the program fails, whether it has begun to train or not', async () => {
    for (const steps of [0, 1]) {
      const failure = onRanks(memoryWorlds(3), async (trainer) => {
        for (let count = 0; count < steps; count++) await step(trainer);
        throw new DataError('the disk is full', { code: 'DISK_FULL', remedy: 'make room' });
      });

      await expect(failure).rejects.toBeInstanceOf(DataError);
    }
  });

  it('serves one trainer after another', async () => {
    const [root, other] = memoryWorlds(2) as [World, World];
    const batches = [networkShards(4)];
    const served = runInWorld(other, { prepare: ready, main: nothing });
    const histories: History[] = [];
    await runInWorld(root, {
      prepare: ready,
      main: async () => {
        for (let run = 0; run < 2; run++) {
          const trainer = rankedTrainer(root);
          histories.push(await train(trainer, batches));
          await trainer.dispose();
        }
      },
    });
    await served;

    expect(histories[1]).toEqual(histories[0]);
    expect(histories[0]).toEqual(await trainAlone(batches));
  });
});

// Helpers

function ready(): Promise<void> {
  return Promise.resolve();
}

function nothing(): Promise<void> {
  return Promise.reject(new Error('this is for rank 0 alone'));
}

function networkStart() {
  return { parameters: initialiseParameters(networkSpecs, Generator.fromSeed(5)) };
}

function rankedTrainer(world: World, start?: TrainerStart): RankedTrainer<NetworkShard> {
  const fresh = networkStart();
  const trainer = new RankedTrainer(start ?? fresh, {
    ...networkOptions(1),
    world,
    comparedEvery: 10,
  });
  tf.dispose(fresh.parameters);
  return trainer;
}

/** Does something with the trainer of rank 0 while the other ranks serve it; all of them end. */
async function onRanks<Value>(
  [root, ...others]: World[],
  deed: (trainer: Trainer<NetworkShard>) => Promise<Value>,
  start?: TrainerStart,
): Promise<Value> {
  const served = others.map((world) => runInWorld(world, { prepare: ready, main: nothing }));
  const values: Value[] = [];
  try {
    await runInWorld(root!, {
      prepare: ready,
      main: async () => {
        const trainer = rankedTrainer(root!, start);
        try {
          values.push(await deed(trainer));
        } finally {
          await trainer.dispose();
        }
      },
    });
  } finally {
    await Promise.all(served);
  }
  return values[0]!;
}

async function trainAlone(batches: readonly NetworkShard[][]): Promise<History> {
  const start = networkStart();
  const trainer = createTrainer(start, networkOptions(1));
  tf.dispose(start.parameters);
  const history = await train(trainer, batches);
  await trainer.dispose();
  return history;
}

async function train(
  trainer: Trainer<NetworkShard>,
  batches: readonly NetworkShard[][],
): Promise<History> {
  const history: History = { results: [], weights: [], gradients: [] };
  for (const shards of batches) {
    history.results.push(await trainer.update(shards, 0.01));
    history.weights.push(digestParts([await trainer.weights()]).digest);
    history.gradients.push(digestParts([await trainer.gradients()]).digest);
  }
  return history;
}

async function step(trainer: Trainer<NetworkShard>): Promise<void> {
  await trainer.update(networkShards(3), 0.01);
}

function cursed(deed: string): NetworkShard {
  return { rows: new Float32Array(40), deed };
}

/** A rank whose sum has one wrong bit in step `brokenAt`, as a device that computes wrongly gives. */
function withBrokenSum(world: World, brokenAt: number): World {
  let broadcasts = 0;
  const { rank, size, localRank, isRoot, description } = world;
  return {
    rank,
    size,
    localRank,
    isRoot,
    description,
    send: (bytes, to) => world.send(bytes, to),
    receive: (bytes, from) => world.receive(bytes, from),
    barrier: () => world.barrier(),
    close: () => world.close(),
    async broadcast(bytes, from) {
      await world.broadcast(bytes, from);
      broadcasts++;
      if (broadcasts === brokenAt) bytes[2]! ^= 0x40;
    },
  };
}
