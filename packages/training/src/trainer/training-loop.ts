import { setImmediate as nextEventLoopTurn } from 'node:timers/promises';
import type { StepResult, Trainer } from './trainer';

/** What one turn of the loop trained on. */
export interface TrainingBatch<Shard> {
  readonly shards: readonly Shard[];
  /** Epoch that the batch belongs to, from 0. */
  readonly epoch: number;
  /** Pictures in the batch. */
  readonly images: number;
}

/** What callbacks are told after each step. */
export interface StepReport extends StepResult {
  readonly epoch: number;
  readonly images: number;
  readonly learningRate: number;
  /** Time of the step, waiting for its data included. */
  readonly durationMs: number;
  /** Measured values of this step; a callback may add to them for those that follow it. */
  readonly metrics: Record<string, number>;
}

/** Something to be done after each step, such as evaluating, recording or saving. */
export interface TrainerCallback {
  afterStep(report: StepReport): void | Promise<void>;
}

/** What {@link runTrainingLoop} runs. */
export interface TrainingLoopOptions<Shard> {
  readonly trainer: Trainer<Shard>;
  readonly nextBatch: () => Promise<TrainingBatch<Shard>>;
  /** Optimizer steps of the whole run; a resumed trainer does those that are left. */
  readonly steps: number;
  /** Batches whose gradients are averaged for one step. @default {1} */
  readonly accumulationSteps?: number;
  /** The learning rate of the step with this index, from 0. */
  readonly learningRateAt: (step: number) => number;
  /** Called in order after each step. */
  readonly callbacks: readonly TrainerCallback[];
  /** Ends the loop after the current step. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Steps a trainer to its last step.
 *
 * @returns `interrupted` if the signal ended it before the last step; the trainer can then be saved and resumed.
 */
export async function runTrainingLoop<Shard>(
  options: TrainingLoopOptions<Shard>,
): Promise<'completed' | 'interrupted'> {
  const { trainer, steps, learningRateAt, callbacks, signal } = options;
  while (trainer.step < steps) {
    if (signal?.aborted === true) return 'interrupted';
    const started = performance.now();
    const { shards, epoch, images } = await gatherBatches(options);
    const learningRate = learningRateAt(trainer.step);
    const result = await trainer.update(shards, learningRate);
    const report: StepReport = {
      ...result,
      epoch,
      images,
      learningRate,
      durationMs: performance.now() - started,
      metrics: {
        'loss/train': result.loss,
        gradient_norm: result.gradientNorm,
        learning_rate: learningRate,
      },
    };
    for (const callback of callbacks) await callback.afterStep(report);
    // What the wasm backend awaits is there at once, so nothing else lets signals and timers in.
    await nextEventLoopTurn();
  }
  return 'completed';
}

async function gatherBatches<Shard>({
  nextBatch,
  accumulationSteps = 1,
}: TrainingLoopOptions<Shard>): Promise<TrainingBatch<Shard>> {
  const batches: TrainingBatch<Shard>[] = [];
  for (let i = 0; i < accumulationSteps; i++) batches.push(await nextBatch());
  return {
    shards: batches.flatMap(({ shards }) => shards),
    epoch: batches.at(-1)?.epoch ?? 0,
    images: batches.reduce((sum, { images }) => sum + images, 0),
  };
}
