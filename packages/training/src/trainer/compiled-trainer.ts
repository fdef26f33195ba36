import * as tf from '@tensorflow/tfjs';
import type { TensorTree } from '../checkpoints/safetensors';
import {
  type HostTensor,
  type HostTensors,
  inputNamed,
  type Tensors,
  toBackend,
} from '../host-tensors';
import { adamWScalars } from '../optimizers/adamw';
import { ParameterLayout, parameterOf, type ParameterTree } from '../parameters';
import {
  shardInputName,
  STATE_KINDS,
  type StateKind,
  stateName,
  type StepFunction,
  trainingStep,
} from './compiled-step';
import { divergence } from './divergence';
import type { Precision } from './precision';
import { treeOfVector, valuesNamed } from './snapshot';
import type {
  CompileFallback,
  StepResult,
  Trainer,
  TrainerOptions,
  TrainerSnapshot,
  TrainerStart,
} from './trainer';

/** What a {@link CompiledTrainer} needs of a compiled step: that of `@pixelis/xla` has it. */
export interface StepProgram {
  /** Takes a step; the outputs belong to the caller. */
  run(inputs: Tensors): Record<string, tf.Tensor>;
  /** The numbers of those entries of the state. */
  readState(names: readonly string[]): Promise<HostTensors>;
  /** As {@link readState}, as tensors of the caller that the next step leaves as they are. */
  readTensors(names: readonly string[]): Record<string, tf.Tensor>;
  dispose(): void;
}

/** What makes a function of tensors a program: `compileStep` of `@pixelis/xla` does. */
export type StepCompiler = (
  step: StepFunction,
  options: {
    /** Initial values; they stay with the caller. */
    readonly state: Tensors;
    readonly precision: Precision;
    readonly onFallback: (reason: CompileFallback) => void;
  },
) => StepProgram;

/** How a {@link CompiledTrainer} is made. */
export interface CompiledTrainerOptions<Shard> extends TrainerOptions<Shard> {
  readonly compile: StepCompiler;
}

/**
 * A {@link Trainer} whose steps are each one compiled function. Weights, moments and the mean gradient stay on the device;
 * only batches and a few numbers go in, and only loss and norm come out.
 */
export class CompiledTrainer<Shard> implements Trainer<Shard> {
  readonly layout: ParameterLayout;
  private readonly program: StepProgram;
  private stepsDone: number;
  private tree: Record<string, tf.Tensor> | undefined;

  /** @throws {RangeError} If a parameter is missing or of another shape. */
  constructor(
    start: TrainerStart,
    private readonly options: CompiledTrainerOptions<Shard>,
  ) {
    const { specs, objective, gradientClipNorm, optimizer, compile } = options;
    this.layout = new ParameterLayout(specs);
    const { layout } = this;
    const numbers = adamWScalars({ step: 1, learningRate: 0 }, optimizer);
    const state = initialState(start, layout);
    this.program = compile(
      trainingStep({ specs, layout, objective, gradientClipNorm, optimizer: numbers }),
      {
        state,
        precision: options.precision ?? 'f32',
        onFallback: (reason) => options.onFallback?.(reason),
      },
    );
    tf.dispose(state);
    this.stepsDone = 'snapshot' in start ? start.snapshot.step : 0;
  }

  get step(): number {
    return this.stepsDone;
  }

  get parameters(): ParameterTree {
    this.tree ??= this.readParameters();
    return this.tree;
  }

  async update(shards: readonly Shard[], learningRate: number): Promise<StepResult> {
    if (shards.length === 0)
      throw new RangeError('Cannot update: there must be at least one shard');
    const step = this.stepsDone + 1;
    const inputs = toBackend({
      ...this.shardInputs(shards),
      ...this.numberInputs(shards, { step, learningRate }),
    });
    const outputs = this.run(inputs);
    const [loss = NaN, gradientNorm = NaN] = (await outputs['measured']?.data()) ?? [];
    tf.dispose(outputs);
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
      throw divergence(step, `the loss is ${loss}, the norm of the gradient ${gradientNorm}`);
    this.outdateTree();
    this.stepsDone = step;
    return { step, loss, gradientNorm };
  }

  async snapshot(): Promise<TrainerSnapshot> {
    return {
      step: this.step,
      parameters: await this.treeOf('parameters'),
      firstMoments: await this.treeOf('m'),
      secondMoments: await this.treeOf('v'),
    };
  }

  async weights(): Promise<Float32Array> {
    return this.vectorOf('parameters');
  }

  async gradients(): Promise<Float32Array> {
    return this.vectorOf('gradients');
  }

  dispose(): Promise<void> {
    this.outdateTree();
    this.program.dispose();
    return Promise.resolve();
  }

  private run(inputs: Record<string, tf.Tensor>): Record<string, tf.Tensor> {
    try {
      return this.program.run(inputs);
    } finally {
      tf.dispose(inputs);
    }
  }

  private shardInputs(shards: readonly Shard[]): HostTensors {
    const { objective } = this.options;
    const each = objective.paddedInputs?.(shards) ?? shards.map((shard) => objective.inputs(shard));
    return Object.fromEntries(
      each.flatMap((inputs, shard) =>
        Object.entries(inputs).map(([name, input]) => [shardInputName(shard, name), input]),
      ),
    );
  }

  private numberInputs(
    shards: readonly Shard[],
    at: { readonly step: number; readonly learningRate: number },
  ): HostTensors {
    const { objective, optimizer } = this.options;
    const { stepSize, rootCorrection, decay } = adamWScalars(at, optimizer);
    const totalWeight = shards.reduce((sum, shard) => sum + objective.weight(shard), 0);
    return {
      stepSize: scalar(stepSize),
      rootCorrection: scalar(rootCorrection),
      decay: scalar(decay),
      totalWeight: scalar(totalWeight),
    };
  }

  private readParameters(): Record<string, tf.Tensor> {
    const { slots } = this.layout;
    const tensors = this.program.readTensors(
      slots.map(({ name }) => stateName('parameters', name)),
    );
    return Object.fromEntries(
      slots.map(({ name }) => [name, inputNamed(tensors, stateName('parameters', name))]),
    );
  }

  private async treeOf(kind: StateKind): Promise<TensorTree> {
    const { layout, step } = this;
    return treeOfVector(await this.vectorOf(kind), { layout, step });
  }

  /** One kind of the state as a flat vector. */
  private async vectorOf(kind: StateKind): Promise<Float32Array> {
    const { slots, size } = this.layout;
    const state = await this.program.readState(slots.map(({ name }) => stateName(kind, name)));
    const vector = new Float32Array(size);
    for (const { name, offset } of slots) {
      vector.set(inputNamed(state, stateName(kind, name)).data, offset);
    }
    return vector;
  }

  private outdateTree(): void {
    if (this.tree !== undefined) tf.dispose(this.tree);
    this.tree = undefined;
  }
}

function scalar(value: number): HostTensor {
  return { shape: [], data: Float32Array.of(value) };
}

/** New tensors for each kind and parameter. */
function initialState(start: TrainerStart, { slots }: ParameterLayout): Record<string, tf.Tensor> {
  const entries = STATE_KINDS.flatMap((kind) =>
    slots.map((slot): [string, tf.Tensor] => {
      const { name, shape } = slot;
      const key = stateName(kind, name);
      if (!('snapshot' in start)) {
        const given = parameterOf(start.parameters, slot);
        return [key, kind === 'parameters' ? given.clone() : tf.zeros([...shape])];
      }
      const { parameters, firstMoments, secondMoments } = start.snapshot;
      const trees = { parameters, m: firstMoments, v: secondMoments, gradients: undefined };
      const tree = trees[kind];
      return [
        key,
        tree === undefined
          ? tf.zeros([...shape])
          : tf.tensor(valuesNamed(tree, slot), [...shape], 'float32'),
      ];
    }),
  );
  return Object.fromEntries(entries);
}
