import * as tf from '@tensorflow/tfjs';
import type { NamedTensor, TensorTree } from '../checkpoints/safetensors';
import {
  type AdamWOptions,
  type AdamWState,
  adamWStep,
  initialAdamWState,
} from '../optimizers/adamw';
import { clipByGlobalNorm } from '../optimizers/clip-by-global-norm';
import {
  ParameterLayout,
  type ParameterSpecs,
  type ParameterTree,
  weightDecayMask,
} from '../parameters';
import { divergence } from './divergence';
import type { Objective } from './objective';
import { shardGradient } from './shard-gradient';

/** How a {@link Trainer} updates the parameters. */
export interface TrainerOptions<Shard> {
  readonly specs: ParameterSpecs;
  readonly objective: Objective<Shard>;
  readonly optimizer: Omit<AdamWOptions, 'decayMask'>;
  /** Largest global norm of the gradient; a longer one is scaled down to it. */
  readonly gradientClipNorm: number;
}

/** Weights and moments outside of the backend, by parameter name. */
export interface TrainerSnapshot {
  /** Optimizer steps done. */
  readonly step: number;
  readonly parameters: TensorTree;
  readonly firstMoments: TensorTree;
  readonly secondMoments: TensorTree;
}

/** What one optimizer step measured. */
export interface StepResult {
  /** Optimizer steps done, this one included. */
  readonly step: number;
  /** Weighted mean loss of the batch before the update. */
  readonly loss: number;
  /** Global norm of the gradient before clipping. */
  readonly gradientNorm: number;
}

/**
 * Holds parameters and optimizer state on the backend and steps them. The gradients of a batch's shards are added in
 * shard order, so the result does not depend on who computes them.
 */
export class Trainer<Shard> {
  readonly layout: ParameterLayout;
  private readonly decayMask: tf.Tensor1D;
  private flat: tf.Tensor1D;
  private tree: Record<string, tf.Tensor>;
  private optimizerState: AdamWState;

  /** @param parameters Initial values; they are copied and stay with the caller. */
  constructor(
    parameters: ParameterTree,
    private readonly options: TrainerOptions<Shard>,
  ) {
    this.layout = new ParameterLayout(options.specs);
    this.decayMask = weightDecayMask(options.specs, this.layout);
    this.flat = this.layout.flatten(parameters);
    this.tree = this.layout.unflatten(this.flat);
    this.optimizerState = initialAdamWState(this.layout.size);
  }

  /** A trainer that goes on from a snapshot as if it had never stopped. */
  static fromSnapshot<Shard>(
    snapshot: TrainerSnapshot,
    options: TrainerOptions<Shard>,
  ): Trainer<Shard> {
    const parameters = toBackend(snapshot.parameters);
    const trainer = new Trainer(parameters, options);
    const [m, v] = [toBackend(snapshot.firstMoments), toBackend(snapshot.secondMoments)];
    trainer.replaceState({
      step: snapshot.step,
      m: trainer.layout.flatten(m),
      v: trainer.layout.flatten(v),
    });
    tf.dispose([parameters, m, v]);
    return trainer;
  }

  /** Optimizer steps done. */
  get step(): number {
    return this.optimizerState.step;
  }

  /** The current parameters; they belong to the trainer and are replaced by the next step. */
  get parameters(): ParameterTree {
    return this.tree;
  }

  /**
   * One optimizer step over the shards of one batch, or of several that accumulate.
   *
   * @throws {UsageError} `TRAINING_DIVERGED` if the loss or the gradient is not finite; the parameters stay as they were.
   */
  async update(shards: readonly Shard[], learningRate: number): Promise<StepResult> {
    const { objective, gradientClipNorm, optimizer } = this.options;
    const totalWeight = shards.reduce((sum, shard) => sum + objective.weight(shard), 0);
    const { lossSums, gradient } = this.accumulate(shards);
    const mean = tf.div<tf.Tensor1D>(gradient, totalWeight);
    const clipped = clipByGlobalNorm(mean, gradientClipNorm);
    tf.dispose([gradient, mean]);
    const losses = Array.from<number>(await lossSums.data());
    const [gradientNorm = NaN] = await clipped.norm.data();
    const loss = losses.reduce((sum, value) => sum + value, 0) / totalWeight;
    tf.dispose([lossSums, clipped.norm]);
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
      clipped.gradients.dispose();
      throw divergence(
        this.step + 1,
        `the loss is ${loss}, the norm of the gradient ${gradientNorm}`,
      );
    }
    const { parameters, state } = adamWStep(
      {
        parameters: this.flat,
        gradients: clipped.gradients,
        state: this.optimizerState,
        learningRate,
      },
      { ...optimizer, decayMask: this.decayMask },
    );
    clipped.gradients.dispose();
    this.replaceState(state);
    this.replaceParameters(parameters);
    return { step: this.step, loss, gradientNorm };
  }

  /**
   * Reads weights and moments back from the backend.
   *
   * @throws {UsageError} `TRAINING_DIVERGED` if one of them is not finite: what is saved can be gone on from.
   */
  async snapshot(): Promise<TrainerSnapshot> {
    const { step, m, v } = this.optimizerState;
    return {
      step,
      parameters: await this.read(this.flat),
      firstMoments: await this.read(m),
      secondMoments: await this.read(v),
    };
  }

  dispose(): void {
    tf.dispose([
      this.flat,
      this.tree,
      this.decayMask,
      this.optimizerState.m,
      this.optimizerState.v,
    ]);
  }

  private accumulate(shards: readonly Shard[]): { lossSums: tf.Tensor1D; gradient: tf.Tensor1D } {
    const { objective } = this.options;
    const [lossSums, gradient] = tf.tidy((): [tf.Tensor1D, tf.Tensor1D] => {
      const losses: tf.Scalar[] = [];
      let total: tf.Tensor1D | undefined;
      for (const shard of shards) {
        const { lossSum, gradient } = shardGradient(this.tree, {
          objective,
          layout: this.layout,
          shard,
        });
        losses.push(lossSum);
        const previous = total;
        total = previous === undefined ? gradient : tf.add(previous, gradient);
        if (previous !== undefined) tf.dispose([previous, gradient]);
      }
      if (total === undefined)
        throw new RangeError('Cannot update: there must be at least one shard');
      return [tf.stack(losses).as1D(), total];
    });
    return { lossSums, gradient };
  }

  private replaceParameters(flat: tf.Tensor1D): void {
    tf.dispose([this.flat, this.tree]);
    this.flat = flat;
    this.tree = this.layout.unflatten(flat);
  }

  private replaceState(state: AdamWState): void {
    tf.dispose([this.optimizerState.m, this.optimizerState.v]);
    this.optimizerState = state;
  }

  private async read(flat: tf.Tensor1D): Promise<TensorTree> {
    const values = Float32Array.from(await flat.data());
    const tensors: Record<string, NamedTensor> = {};
    for (const { name, shape, offset, size } of this.layout.slots) {
      const data = values.slice(offset, offset + size);
      if (!data.every(Number.isFinite)) throw divergence(this.step, `${name} is not finite`);
      tensors[name] = { shape, data };
    }
    return tensors;
  }
}

function toBackend(tree: TensorTree): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(tree).map(([name, { shape, data }]) => [
      name,
      tf.tensor(data, [...shape], 'float32'),
    ]),
  );
}
