import { UsageError } from '@pixelis/core';
import { collate, createExample, type ReasoningBatch, ReasoningSequence } from '@pixelis/data';
import { Generator } from '@pixelis/reproducibility';
import * as tf from '@tensorflow/tfjs';
import { setBackend } from '../../test/support/backends';
import { eagerCompiler } from '../../test/support/eager-compiler';
import { squares, type SquaresShard, squaresSpecs } from '../../test/support/squares-objective';
import { numbers, relativeError } from '../../test/support/tensors';
import { tinyConfig } from '../../test/support/tiny-run';
import { visionLanguageSpecs } from '../models/vision-language';
import { initialiseParameters } from '../parameters';
import { reasoningObjective } from '../sft/reasoning-objective';
import { modelConfigOf } from '../sft/sft-run';
import { ArenaTrainer } from '../threads/arena-trainer';
import { CompiledTrainer } from './compiled-trainer';
import { TensorTrainer } from './tensor-trainer';
import type { Trainer, TrainerOptions, TrainerSnapshot, TrainerStart } from './trainer';

beforeAll(() => setBackend('wasm with kernels'));

type Make = <Shard>(start: TrainerStart, options: TrainerOptions<Shard>) => Trainer<Shard>;

const TRAINERS: readonly (readonly [name: string, make: Make])[] = [
  ['ArenaTrainer', (start, options) => new ArenaTrainer(start, options)],
  [
    'TensorTrainer',
    (start, options) =>
      'snapshot' in start
        ? TensorTrainer.fromSnapshot(start.snapshot, options)
        : new TensorTrainer(start.parameters, options),
  ],
  [
    'CompiledTrainer',
    (start, options) => new CompiledTrainer(start, { ...options, compile: eagerCompiler }),
  ],
];

describe.each(TRAINERS)('%s.update()', (_, make) => {
  const a: SquaresShard = {
    inputs: [
      [1, 3],
      [0, 2],
    ],
    targets: [1, -1],
  };
  const b: SquaresShard = { inputs: [[-1, 1]], targets: [0.5] };

  it('takes the AdamW step of the mean gradient over all shards, clipped', async () => {
    const trainer = squaresTrainer(make, { gradientClipNorm: 5 });
    const { step, loss, gradientNorm } = await trainer.update([a, b], 0.1);

    // Errors at slope (2, −1), bias 0.5: −1.5, −0.5 and −3; gradients are 2 · error · input.
    const errors = [-1.5, -0.5, -3];
    const inputs = [...a.inputs, ...b.inputs];
    const mean = (of: (index: number) => number) =>
      errors.reduce((sum, error, index) => sum + (2 * error * of(index)) / 3, 0);
    const gradient = [mean(() => 1), mean((i) => inputs[i]![0]), mean((i) => inputs[i]![1])];
    const norm = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
    expect(step).toBe(1);
    expect(loss).toBeCloseTo((2.25 + 0.25 + 9) / 3, 6);
    expect(gradientNorm).toBeCloseTo(norm, 5);
    expect(norm).toBeGreaterThan(5);

    const clipped = gradient.map((value) => (value * 5) / norm);
    const { parameters, firstMoments } = await trainer.snapshot();
    // The first step of Adam is the learning rate along the sign; only the slope decays.
    const bias = 0.5 - 0.1 * Math.sign(clipped[0]!);
    const slope = [2, -1].map((value, i) => value * 0.98 - 0.1 * Math.sign(clipped[i + 1]!));
    expect(parameters['bias']!.data[0]).toBeCloseTo(bias, 5);
    expect([...parameters['slope']!.data]).toEqual(
      slope.map((v) => expect.closeTo(v, 5) as number),
    );
    expect(firstMoments['bias']!.data[0]).toBeCloseTo(0.1 * clipped[0]!, 6);
    await trainer.dispose();
  });

  it('adds shards in their order: float32 sums tell one order from another', async () => {
    // 1 + 2⁻²⁴ rounds to 1, so only (tiny + tiny) + large keeps the tiny ones; each shard's gradient is exact.
    const large = { inputs: [[1, 0]], targets: [-0.5] } as const;
    const tiny = { inputs: [[2 ** -24, 0]], targets: [-0.5] } as const;
    const moments = [];
    for (const shards of [
      [large, tiny, tiny],
      [tiny, tiny, large],
    ]) {
      const trainer = squaresTrainer(make, { gradientClipNorm: 100, slope: [0, 0], bias: 0 });
      await trainer.update(shards, 0.1);
      moments.push((await trainer.snapshot()).firstMoments['slope']!.data[0]!);
      await trainer.dispose();
    }

    const scale = (sum: number) => Math.fround(Math.fround(sum / 3) * Math.fround(0.1));
    expect(moments[0]).toBeCloseTo(scale(1), 8);
    expect(moments[1]).toBeGreaterThan(moments[0]!);
  });

  it('takes one step for batches that accumulate, as if they were one', async () => {
    const [one, two] = [squaresTrainer(make, {}), squaresTrainer(make, {})];
    const whole = { inputs: [...a.inputs, ...b.inputs], targets: [...a.targets, ...b.targets] };

    await one.update([a, b], 0.1);
    await two.update([whole], 0.1);

    const [split, joined] = [await one.snapshot(), await two.snapshot()];
    expect(split.step).toBe(1);
    expect(flat(split)).toEqual(flat(joined).map((value) => expect.closeTo(value, 6) as number));
    await one.dispose();
    await two.dispose();
  });

  it.each([
    ['the loss is not finite', { inputs: [[1, NaN]], targets: [0] }],
    ['the loss overflows', { inputs: [[1e30, 1]], targets: [0] }],
    ['the gradient alone overflows', { inputs: [[9e18, 0]], targets: [9e18 * 2 - 1] }],
  ] as [string, SquaresShard][])('changes nothing where %s', async (__, shard) => {
    const trainer = squaresTrainer(make, {});
    await trainer.update([a], 0.1);
    const before = await trainer.snapshot();
    expect(Object.keys(trainer.parameters)).toHaveLength(2);
    const tensors = tf.memory().numTensors;

    const failure = trainer.update([b, shard], 0.1);

    await expect(failure).rejects.toBeInstanceOf(UsageError);
    await expect(failure).rejects.toMatchObject({ code: 'TRAINING_DIVERGED', exitCode: 2 });
    expect(await trainer.snapshot()).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
    await trainer.dispose();
  });

  it('shows weights and the mean gradient before clipping, in the order of the layout', async () => {
    const trainer = squaresTrainer(make, { gradientClipNorm: 0.5 });
    const bySlot = (vector: Float32Array) =>
      trainer.layout.slots.map(({ offset, size }) => [...vector.slice(offset, offset + size)]);
    expect(bySlot(await trainer.gradients())).toEqual([[0], [0, 0]]);
    expect(bySlot(await trainer.weights())).toEqual([[0.5], [2, -1]]);

    await trainer.update([a], 0.1);

    // Errors −1.5 and −0.5, gradients 2 · error · input, over two.
    expect(bySlot(await trainer.gradients())).toEqual([[-2], [-1.5, -5.5]]);
    const weights = bySlot(await trainer.weights());
    const { parameters } = await trainer.snapshot();
    expect(Object.values(parameters).map(({ data }) => [...data])).toEqual(weights);
    expect([...(await numbers(trainer.parameters['slope']!))]).toEqual(weights[1]);
    await trainer.dispose();
  });

  it('gives no snapshot of weights that the last step made infinite', async () => {
    const { trainer, batch } = tinyTrainer(make, {});
    await trainer.update([batch(0, 1)], 1e300);

    const failure = trainer.snapshot();

    await expect(failure).rejects.toBeInstanceOf(UsageError);
    await expect(failure).rejects.toMatchObject({ code: 'TRAINING_DIVERGED' });
    await trainer.dispose();
  });

  it('refuses no shards at all', async () => {
    const trainer = squaresTrainer(make, {});

    await expect(trainer.update([], 0.1)).rejects.toBeInstanceOf(RangeError);
    await trainer.dispose();
  });

  it('keeps the number of tensors over 1,000 steps, and gives all back in the end', async () => {
    const before = tf.memory().numTensors;
    // Whole pictures as patches, for speed.
    const { trainer, batch } = tinyTrainer(make, { patchSize: 28 });
    const shards = [batch(0, 1), batch(1, 2)];
    await trainer.update(shards, 1e-3);
    const tensors = tf.memory().numTensors;
    const bytes = tf.memory().numBytes;

    for (let step = 0; step < 1000; step++) {
      await trainer.update(step % 10 === 0 ? shards : shards.slice(1), 1e-3);
    }

    expect(trainer.step).toBe(1001);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(tf.memory().numBytes).toBe(bytes);
    await trainer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  }, 120_000);

  it('finds the gradient of a batch whichever way it is cut', async () => {
    const gradients = [];
    for (const count of [1, 2, 4, 8]) {
      const { trainer, batch } = tinyTrainer(make);
      const size = 8 / count;
      const shards = Array.from({ length: count }, (_, i) => batch(i * size, (i + 1) * size));
      await trainer.update(shards, 1e-3);
      const { firstMoments } = await trainer.snapshot();
      gradients.push(Object.values(firstMoments).flatMap(({ data }) => [...data]));
      await trainer.dispose();
    }

    const [whole, ...cut] = gradients;
    expect(Math.max(...whole!.map(Math.abs))).toBeGreaterThan(0);
    for (const gradient of cut) expect(relativeError(gradient, whole!)).toBeLessThanOrEqual(1e-6);
  });
});

describe.each(TRAINERS)('%s from a snapshot', (_, make) => {
  it('goes on bit for bit', async () => {
    const { trainer, batch, options } = tinyTrainer(make);
    const shards = [batch(0, 3), batch(3, 6)];
    for (let step = 0; step < 3; step++) await trainer.update(shards, 1e-2);
    const resumed = make({ snapshot: await trainer.snapshot() }, options);
    expect(resumed.step).toBe(3);
    expect(await resumed.snapshot()).toEqual(await trainer.snapshot());

    for (let step = 0; step < 3; step++) {
      expect(await resumed.update(shards, 1e-2)).toEqual(await trainer.update(shards, 1e-2));
    }

    expect(await resumed.snapshot()).toEqual(await trainer.snapshot());
    await trainer.dispose();
    await resumed.dispose();
  });

  it('leaves no tensors behind', async () => {
    const trainer = squaresTrainer(make, {});
    const snapshot = await trainer.snapshot();
    await trainer.dispose();
    const before = tf.memory().numTensors;

    await make({ snapshot }, squaresOptions(1)).dispose();

    expect(tf.memory().numTensors).toBe(before);
  });
});

// Helpers

function squaresOptions(gradientClipNorm: number): TrainerOptions<SquaresShard> {
  return {
    specs: squaresSpecs,
    objective: squares,
    gradientClipNorm,
    optimizer: { weightDecay: 0.2 },
  };
}

function squaresTrainer(
  make: Make,
  { gradientClipNorm = 1, slope = [2, -1], bias = 0.5 },
): Trainer<SquaresShard> {
  const parameters = { slope: tf.tensor1d(slope), bias: tf.scalar(bias) };
  const trainer = make({ parameters }, squaresOptions(gradientClipNorm));
  tf.dispose(parameters);
  return trainer;
}

function flat({ parameters, firstMoments, secondMoments }: TrainerSnapshot): number[] {
  return [parameters, firstMoments, secondMoments].flatMap((tree) =>
    Object.values(tree).flatMap(({ data }) => [...data]),
  );
}

/** A vision-language model of the smallest size, and batches of eight demonstrations for it. */
function tinyTrainer(
  make: Make,
  { patchSize = 7 } = {},
): {
  trainer: Trainer<ReasoningBatch>;
  options: TrainerOptions<ReasoningBatch>;
  batch: (first: number, end: number) => ReasoningBatch;
} {
  const config = modelConfigOf(tinyConfig({ model: { patch_size: patchSize } }));
  const options: TrainerOptions<ReasoningBatch> = {
    specs: visionLanguageSpecs(config),
    objective: reasoningObjective(config),
    gradientClipNorm: 1e6,
    optimizer: {},
  };
  const parameters = initialiseParameters(options.specs, Generator.fromSeed(1).fork('model'));
  const trainer = make({ parameters }, options);
  tf.dispose(parameters);
  const sequences = Array.from({ length: 8 }, (_, index) =>
    ReasoningSequence.ofDemonstration(
      createExample({ level: index % 2 === 0 ? 'simple' : 'medium', split: 'val', index, seed: 0 }),
    ),
  );
  return {
    trainer,
    options,
    batch: (first, end) => collate(sequences.slice(first, end), { patchSize }),
  };
}
