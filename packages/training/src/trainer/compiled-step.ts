import * as tf from '@tensorflow/tfjs';
import { inputNamed, type Tensors } from '../host-tensors';
import type { AdamWScalars } from '../optimizers/adamw';
import type { ParameterLayout, ParameterSpecs, ParameterTree } from '../parameters';
import type { Objective } from './objective';
import { inputGradient, type ShardGradient } from './shard-gradient';

/** What a compiled step carries from run to run, a tensor of each kind for each parameter. */
export const STATE_KINDS = ['parameters', 'm', 'v', 'gradients'] as const;
export type StateKind = (typeof STATE_KINDS)[number];

/** The state's name of a parameter, or of a moment or mean gradient of it. */
export function stateName(kind: StateKind, parameter: string): string {
  return `${kind}/${parameter}`;
}

/** The step's name of an input of a shard. */
export function shardInputName(shard: number, input: string): string {
  return `shard_${shard}/${input}`;
}

/** One step: from state and inputs to the next state, in which what is given back unchanged stays, and outputs. */
export type StepFunction = (
  state: Tensors,
  inputs: Tensors,
) => { readonly state: Tensors; readonly outputs: Tensors };

/** The inputs of a step that are numbers: what changes from step to step although the shapes do not. */
export type StepNumbers = Pick<AdamWScalars, 'stepSize' | 'rootCorrection' | 'decay'> & {
  /** Sum of the weights of all shards. */
  readonly totalWeight: number;
};

/** What {@link trainingStep} makes a step of. */
export interface TrainingStepOptions {
  readonly specs: ParameterSpecs;
  readonly layout: ParameterLayout;
  readonly objective: Pick<Objective<never>, 'lossSum'>;
  readonly gradientClipNorm: number;
  /** The numbers of AdamW that are the same at each step. */
  readonly optimizer: Pick<AdamWScalars, 'beta1' | 'beta2' | 'epsilon'>;
}

/**
 * A whole optimizer step as a pure function of tensors, to be recorded: forward and backward over each shard, the mean of
 * the gradients in shard order, clipping and AdamW as in `clipByGlobalNorm` and `adamWStep`. Its output `measured` holds
 * the loss and the norm of the gradient; where one of them is not finite, parameters and moments stay as they were.
 */
export function trainingStep(options: TrainingStepOptions): StepFunction {
  const { layout } = options;
  return (state, inputs) => {
    const parameters = Object.fromEntries(
      layout.slots.map(({ name }) => [name, inputNamed(state, stateName('parameters', name))]),
    );
    const { mean, loss } = meanGradient(parameters, inputs, options);
    const norm = globalNorm(Object.values(mean));
    const isFinite = tf.logicalAnd(tf.isFinite(loss), tf.isFinite(norm));
    const factor = tf.minimum(tf.div(options.gradientClipNorm, tf.add(norm, NORM_EPSILON)), 1);
    const next = layout.slots.flatMap(({ name }) => {
      const gradient = inputNamed(mean, name);
      const stepped = adamW({ name, state, inputs, gradient: tf.mul(gradient, factor) }, options);
      return [
        [stateName('gradients', name), gradient] as const,
        ...Object.entries(stepped).map(
          ([key, value]) => [key, tf.where(isFinite, value, inputNamed(state, key))] as const,
        ),
      ];
    });
    return { state: Object.fromEntries(next), outputs: { measured: tf.stack([loss, norm]) } };
  };
}

/** As in `clipByGlobalNorm`. */
const NORM_EPSILON = 1e-6;

function meanGradient(
  parameters: ParameterTree,
  inputs: Tensors,
  { objective, layout }: TrainingStepOptions,
): { loss: tf.Tensor; mean: Tensors } {
  let sum: ShardGradient | undefined;
  for (let shard = 0; ; shard++) {
    const own = inputsOfShard(inputs, shard);
    if (own === undefined) break;
    const next = inputGradient(parameters, { objective, layout, inputs: own });
    sum = sum === undefined ? next : sumOf(sum, next);
  }
  if (sum === undefined) throw new RangeError('Cannot update: there must be at least one shard');
  const { lossSum, gradients } = sum;
  const totalWeight = inputNamed(inputs, 'totalWeight');
  const mean = Object.entries(gradients).map(([name, gradient]): [string, tf.Tensor] => [
    name,
    tf.div(gradient, totalWeight),
  ]);
  return { loss: tf.div(lossSum, totalWeight), mean: Object.fromEntries(mean) };
}

function sumOf(a: ShardGradient, b: ShardGradient): ShardGradient {
  const gradients = Object.entries(a.gradients).map(([name, gradient]): [string, tf.Tensor] => [
    name,
    tf.add(gradient, inputNamed(b.gradients, name)),
  ]);
  return { lossSum: tf.add(a.lossSum, b.lossSum), gradients: Object.fromEntries(gradients) };
}

function inputsOfShard(inputs: Tensors, shard: number): Tensors | undefined {
  const prefix = shardInputName(shard, '');
  const own = Object.entries(inputs).filter(([name]) => name.startsWith(prefix));
  if (own.length === 0) return undefined;
  return Object.fromEntries(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

/** Rows first: the error of a float32 sum grows with its length. */
function globalNorm(tensors: readonly tf.Tensor[]): tf.Scalar {
  const squares = tensors.map((tensor) => {
    const each = tf.square(tensor);
    return tf.sum(tensor.rank < 2 ? each : tf.sum(each, -1));
  });
  return tf.sqrt(tf.sum(tf.stack(squares)));
}

function adamW(
  {
    name,
    state,
    inputs,
    gradient,
  }: { name: string; state: Tensors; inputs: Tensors; gradient: tf.Tensor },
  { specs, optimizer }: TrainingStepOptions,
): Tensors {
  const { beta1, beta2, epsilon } = optimizer;
  const of = (kind: StateKind): tf.Tensor => inputNamed(state, stateName(kind, name));
  const m = tf.add(tf.mul(of('m'), beta1), tf.mul(gradient, 1 - beta1));
  const v = tf.add(tf.mul(of('v'), beta2), tf.mul(tf.square(gradient), 1 - beta2));
  const root = tf.div(tf.sqrt(v), inputNamed(inputs, 'rootCorrection'));
  const update = tf.mul(tf.div(m, tf.add(root, epsilon)), inputNamed(inputs, 'stepSize'));
  const parameter = of('parameters');
  const kept =
    specs[name]?.isDecayed === true
      ? tf.mul(parameter, tf.sub(1, inputNamed(inputs, 'decay')))
      : parameter;
  return {
    [stateName('parameters', name)]: tf.sub(kept, update),
    [stateName('m', name)]: m,
    [stateName('v', name)]: v,
  };
}
