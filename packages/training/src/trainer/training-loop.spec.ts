import * as tf from '@tensorflow/tfjs';
import { setBackend } from '../../test/support/backends';
import { squares, type SquaresShard, squaresSpecs } from '../../test/support/squares-objective';
import { createTrainer } from './create-trainer';
import type { Trainer } from './trainer';
import {
  runTrainingLoop,
  type StepReport,
  type TrainingBatch,
  type TrainingLoopOptions,
} from './training-loop';

beforeAll(() => setBackend('wasm with kernels'));

describe('runTrainingLoop()', () => {
  it('reports each step to the callbacks in their order, and waits for each', async () => {
    const told: string[] = [];
    const reports: StepReport[] = [];
    const status = await run({
      steps: 2,
      learningRateAt: (step) => 0.1 / (step + 1),
      callbacks: [
        {
          async afterStep({ step, metrics }) {
            await new Promise(setImmediate);
            metrics['measured'] = 10 * step;
            told.push(`first ${step}`);
          },
        },
        {
          afterStep(report) {
            told.push(`second ${report.step} ${report.metrics['measured']}`);
            reports.push(report);
          },
        },
      ],
    });

    expect(status).toBe('completed');
    expect(told).toEqual(['first 1', 'second 1 10', 'first 2', 'second 2 20']);
    expect(reports[1]).toMatchObject({
      step: 2,
      epoch: 1,
      images: 3,
      learningRate: 0.05,
      metrics: {
        'loss/train': reports[1]!.loss,
        gradient_norm: reports[1]!.gradientNorm,
        learning_rate: 0.05,
        measured: 20,
      },
    });
    expect(reports[1]!.durationMs).toBeGreaterThan(0);
  });

  it('reads as many batches for a step as accumulate', async () => {
    const seen: number[] = [];
    const reports: StepReport[] = [];
    const batches = batchSource(seen);
    await run({
      steps: 2,
      accumulationSteps: 3,
      nextBatch: batches,
      callbacks: [{ afterStep: (report) => void reports.push(report) }],
    });

    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
    expect(reports.map(({ images, epoch }) => [images, epoch])).toEqual([
      [9, 2],
      [9, 5],
    ]);
  });

  it('does what is left for a trainer that has begun, and nothing for one that is done', async () => {
    const trainer = squaresTrainer();
    await run({ trainer, steps: 3 });
    const rates: number[] = [];
    const learningRateAt = (step: number) => {
      rates.push(step);
      return 0.1;
    };

    expect(await run({ trainer, steps: 5, learningRateAt })).toBe('completed');
    expect(await run({ trainer, steps: 5, learningRateAt })).toBe('completed');

    expect(rates).toEqual([3, 4]);
    expect(trainer.step).toBe(5);
    await trainer.dispose();
  });

  it('ends after the current step once it is asked to, and calls its callbacks to the end', async () => {
    const controller = new AbortController();
    const trainer = squaresTrainer();
    const steps: number[] = [];
    const options = {
      trainer,
      steps: 9,
      signal: controller.signal,
      callbacks: [
        { afterStep: ({ step }: StepReport) => (step === 4 ? controller.abort() : undefined) },
        { afterStep: ({ step }: StepReport) => void steps.push(step) },
      ],
    };

    expect(await run(options)).toBe('interrupted');
    expect(await run(options)).toBe('interrupted');

    expect(steps).toEqual([1, 2, 3, 4]);
    expect(trainer.step).toBe(4);
    await trainer.dispose();
  });

  it('lets timers and signals in, though everything that it awaits is there at once', async () => {
    const controller = new AbortController();
    const trainer = squaresTrainer();
    setTimeout(() => controller.abort(), 0);

    expect(await run({ trainer, steps: 100_000, signal: controller.signal })).toBe('interrupted');
    await trainer.dispose();
  });

  it('passes on what a batch or a callback throws', async () => {
    const fail = () => {
      throw new RangeError('broken');
    };
    await expect(run({ steps: 1, callbacks: [{ afterStep: fail }] })).rejects.toThrow('broken');
    await expect(
      run({ steps: 1, nextBatch: () => Promise.reject(new RangeError('no data')) }),
    ).rejects.toThrow('no data');
  });
});

// Helpers

async function run(
  options: Partial<TrainingLoopOptions<SquaresShard>>,
): Promise<'completed' | 'interrupted'> {
  const trainer = options.trainer ?? squaresTrainer();
  try {
    return await runTrainingLoop({
      nextBatch: batchSource([]),
      steps: 1,
      learningRateAt: () => 0.1,
      callbacks: [],
      ...options,
      trainer,
    });
  } finally {
    if (options.trainer === undefined) await trainer.dispose();
  }
}

/** Batches of three pictures, each an epoch of its own; notes which were read. */
function batchSource(seen: number[]): () => Promise<TrainingBatch<SquaresShard>> {
  let epoch = 0;
  return () => {
    seen.push(epoch);
    const shard = { inputs: [[1, epoch]], targets: [1] } as const;
    return Promise.resolve({ shards: [shard, shard], epoch: epoch++, images: 3 });
  };
}

function squaresTrainer(): Trainer<SquaresShard> {
  const parameters = { slope: tf.tensor1d([2, -1]), bias: tf.scalar(0.5) };
  const trainer = createTrainer(
    { parameters },
    { specs: squaresSpecs, objective: squares, gradientClipNorm: 1, optimizer: {} },
  );
  tf.dispose(parameters);
  return trainer;
}
