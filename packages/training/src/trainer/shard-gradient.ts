import * as tf from '@tensorflow/tfjs';
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

/** Forward and backward pass over one shard; the tensors belong to the caller. */
export function shardGradient<Shard>(
  parameters: ParameterTree,
  { objective, layout, shard }: ShardGradientOptions<Shard>,
): ShardGradient {
  const names = layout.slots.map(({ name }) => name);
  const lossOf = (...tensors: tf.Tensor[]): tf.Scalar =>
    objective.lossSum(treeOf(names, tensors), shard);
  const [lossSum, gradients] = tf.tidy((): [tf.Scalar, Record<string, tf.Tensor>] => {
    const { value, grads } = tf.valueAndGrads(lossOf)(
      names.map((name) => parameterNamed(parameters, name)),
    );
    return [value.asScalar(), treeOf(names, grads)];
  });
  return { lossSum, gradients };
}

function treeOf(
  names: readonly string[],
  tensors: readonly tf.Tensor[],
): Record<string, tf.Tensor> {
  return Object.fromEntries(
    names.flatMap((name, index) => {
      const tensor = tensors[index];
      return tensor === undefined ? [] : [[name, tensor]];
    }),
  );
}
