import * as tf from '@tensorflow/tfjs';
import type { TensorTree } from '../checkpoints/safetensors';
import { type AdamWState, adamWStep, initialAdamWState } from '../optimizers/adamw';
import { clipByGlobalNorm } from '../optimizers/clip-by-global-norm';
import { ParameterLayout, type ParameterTree, weightDecayMask } from '../parameters';
import { divergence } from './divergence';
import { shardGradient } from './shard-gradient';
import { treeOfVector } from './snapshot';
import type { StepResult, Trainer, TrainerOptions, TrainerSnapshot } from './trainer';

/** A {@link Trainer} whose state lies in tensors and whose steps are tensor operations: for any backend, on one thread. */
export class TensorTrainer<Shard> implements Trainer<Shard> {
  readonly layout: ParameterLayout;
  private readonly decayMask: tf.Tensor1D;
  private flat: tf.Tensor1D;
  private tree: Record<string, tf.Tensor>;
  private optimizerState: AdamWState;
  private meanGradient: tf.Tensor1D;

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
    this.meanGradient = tf.zeros([this.layout.size]);
  }

  /** A trainer that goes on from a snapshot as if it had never stopped. */
  static fromSnapshot<Shard>(
    snapshot: TrainerSnapshot,
    options: TrainerOptions<Shard>,
  ): TensorTrainer<Shard> {
    const parameters = toBackend(snapshot.parameters);
    const trainer = new TensorTrainer(parameters, options);
    const [m, v] = [toBackend(snapshot.firstMoments), toBackend(snapshot.secondMoments)];
    trainer.replaceState({
      step: snapshot.step,
      m: trainer.layout.flatten(m),
      v: trainer.layout.flatten(v),
    });
    tf.dispose([parameters, m, v]);
    return trainer;
  }

  get step(): number {
    return this.optimizerState.step;
  }

  get parameters(): ParameterTree {
    return this.tree;
  }

  async update(shards: readonly Shard[], learningRate: number): Promise<StepResult> {
    const { objective, gradientClipNorm, optimizer } = this.options;
    const totalWeight = shards.reduce((sum, shard) => sum + objective.weight(shard), 0);
    const { lossSums, gradient } = this.accumulate(shards);
    const mean = tf.div<tf.Tensor1D>(gradient, totalWeight);
    const clipped = clipByGlobalNorm(mean, gradientClipNorm);
    tf.dispose([gradient, this.meanGradient]);
    this.meanGradient = mean;
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

  async snapshot(): Promise<TrainerSnapshot> {
    const { step, m, v } = this.optimizerState;
    return {
      step,
      parameters: await this.read(this.flat),
      firstMoments: await this.read(m),
      secondMoments: await this.read(v),
    };
  }

  async weights(): Promise<Float32Array> {
    return Float32Array.from(await this.flat.data());
  }

  async gradients(): Promise<Float32Array> {
    return Float32Array.from(await this.meanGradient.data());
  }

  dispose(): Promise<void> {
    tf.dispose([
      this.flat,
      this.tree,
      this.decayMask,
      this.meanGradient,
      this.optimizerState.m,
      this.optimizerState.v,
    ]);
    return Promise.resolve();
  }

  private accumulate(shards: readonly Shard[]): { lossSums: tf.Tensor1D; gradient: tf.Tensor1D } {
    const { objective } = this.options;
    const [lossSums, gradient] = tf.tidy((): [tf.Tensor1D, tf.Tensor1D] => {
      const losses: tf.Scalar[] = [];
      let total: tf.Tensor1D | undefined;
      for (const shard of shards) {
        const { lossSum, gradients } = shardGradient(this.tree, {
          objective,
          layout: this.layout,
          shard,
        });
        losses.push(lossSum);
        const gradient = this.layout.flatten(gradients);
        tf.dispose(gradients);
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
    return treeOfVector(values, { layout: this.layout, step: this.step });
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
