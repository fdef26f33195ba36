import { digestParts } from '@pixelis/core';
import { addInRankOrder, type World } from '@pixelis/distributed';
import * as tf from '@tensorflow/tfjs';
import { ParameterLayout } from '../parameters';
import { createTrainer } from '../trainer/create-trainer';
import type { Objective } from '../trainer/objective';
import { shardGradient } from '../trainer/shard-gradient';
import type { StepResult, Trainer, TrainerOptions, TrainerStart } from '../trainer/trainer';
import type { RankUpdate } from './rank-messages';
import { type SummedGradient, summedGradientObjective } from './summed-gradient';

/** How a {@link TrainingRank} trains. */
export interface TrainingRankOptions<Shard> extends Pick<
  TrainerOptions<Shard>,
  'specs' | 'optimizer' | 'gradientClipNorm'
> {
  readonly objective: Objective<Shard>;
}

/**
 * One rank's part in the steps of a training that all ranks of a world share: the gradients of its shards on its own
 * backend, its place in their sum, and the same update as all others do of its own copy of the weights.
 */
export class TrainingRank<Shard> {
  /** Takes the steps; its weights are this rank's copy. */
  readonly trainer: Trainer<SummedGradient>;
  private readonly layout: ParameterLayout;
  private readonly total: Float32Array;
  private held: Float32Array[] = [];
  private isFlushing: boolean | undefined;

  /** @throws {RangeError} If a parameter is missing or of another shape. */
  constructor(
    private readonly world: World,
    start: TrainerStart,
    private readonly options: TrainingRankOptions<Shard>,
  ) {
    const { specs, optimizer, gradientClipNorm } = options;
    this.layout = new ParameterLayout(specs);
    this.total = new Float32Array(this.layout.size);
    const objective = summedGradientObjective(this.layout);
    this.trainer = createTrainer(start, { specs, optimizer, gradientClipNorm, objective });
  }

  /**
   * Computes the gradients of these shards, and holds them in memory until {@link update}.
   *
   * @returns Their loss sums.
   */
  async computeGradients(shards: readonly Shard[]): Promise<number[]> {
    const { objective } = this.options;
    this.held = [];
    const losses: number[] = [];
    for (const shard of shards) {
      const { lossSum, gradients } = shardGradient(this.trainer.parameters, {
        objective,
        layout: this.layout,
        shard,
      });
      const flat = this.layout.flatten(gradients);
      tf.dispose(gradients);
      this.held.push(await flat.data<'float32'>());
      const [loss = NaN] = await lossSum.data<'float32'>();
      losses.push(loss);
      tf.dispose([flat, lossSum]);
    }
    return losses;
  }

  /**
   * Adds the gradients that all ranks hold, in rank order, and takes the step; all ranks call it.
   *
   * @throws {UsageError} `TRAINING_DIVERGED` if the loss or the gradient is not finite, in all ranks.
   */
  async update({ lossSum, totalWeight, learningRate }: RankUpdate): Promise<StepResult> {
    const { world, total } = this;
    this.isFlushing ??= await flushesSubnormals();
    await addInRankOrder(world, { addends: this.held, total, isFlushing: this.isFlushing });
    this.held = [];
    return this.trainer.update([{ lossSum, totalWeight, gradient: total }], learningRate);
  }

  /** The digest of the weights, by which ranks can be compared. */
  async digest(): Promise<string> {
    return digestParts([await this.trainer.weights()]).digest;
  }

  /** Gives back all tensors. */
  dispose(): Promise<void> {
    this.held = [];
    return this.trainer.dispose();
  }
}

/** Whether the backend counts numbers below 2⁻¹²⁶ as zeros, as TensorFlow does: sums are to have its bits. */
async function flushesSubnormals(): Promise<boolean> {
  const sum = tf.tidy(() => {
    const tiny = tf.scalar(2 ** -130);
    return tf.add(tiny, tiny);
  });
  const [value] = await sum.data<'float32'>();
  sum.dispose();
  return value === 0;
}
