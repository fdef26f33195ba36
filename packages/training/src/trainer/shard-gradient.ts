import * as tf from '@tensorflow/tfjs';
import { type Tensors, toBackend } from '../host-tensors';
import type { ParameterLayout, ParameterTree } from '../parameters';
import { parameterNamed } from '../parameters';
import type { Objective } from './objective';

/** The loss sum of one shard, and its gradient with respect to each parameter. */
export interface ShardGradient {
  readonly lossSum: tf.Scalar;
  readonly gradients: Record<string, tf.Tensor>;
}

/** What {@link shardGradient} differentiates. */
export interface ShardGradientOptions<Shard> {
  readonly objective: Objective<Shard>;
  readonly layout: ParameterLayout;
  readonly shard: Shard;
}

/** What {@link inputGradient} differentiates. */
export interface InputGradientOptions {
  readonly objective: Pick<Objective<never>, 'lossSum'>;
  readonly layout: ParameterLayout;
  /** Those of one shard. */
  readonly inputs: Tensors;
}

/** Sends a shard to the backend, and goes forward and backward over it; the tensors belong to the caller. */
export function shardGradient<Shard>(
  parameters: ParameterTree,
  { objective, layout, shard }: ShardGradientOptions<Shard>,
): ShardGradient {
  const inputs = toBackend(objective.inputs(shard));
  try {
    return inputGradient(parameters, { objective, layout, inputs });
  } finally {
    tf.dispose(inputs);
  }
}

/**
 * Forward and backward pass over inputs that lie on the backend; the tensors belong to the caller. The gradient of a
 * parameter that the loss does not use is zeros.
 */
export function inputGradient(
  parameters: ParameterTree,
  { objective, layout, inputs }: InputGradientOptions,
): ShardGradient {
  const names = layout.slots.map(({ name }) => name);
  const tensors = names.map((name) => parameterNamed(parameters, name));
  const tree = Object.fromEntries(names.map((name) => [name, parameterNamed(parameters, name)]));
  const [lossSum, gradients] = tf.tidy((): [tf.Scalar, Record<string, tf.Tensor>] => {
    // `tf.valueAndGrads` refuses what the loss does not use.
    const { value, grads } = tf
      .engine()
      .gradients(() => objective.lossSum(tree, inputs), tensors, undefined, true);
    const found: readonly (tf.Tensor | undefined)[] = grads;
    return [
      value.asScalar(),
      Object.fromEntries(
        layout.slots.map(({ name, shape }, index) => [name, found[index] ?? tf.zeros([...shape])]),
      ),
    ];
  });
  return { lossSum, gradients };
}
