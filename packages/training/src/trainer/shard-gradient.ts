import * as tf from '@tensorflow/tfjs';
import type { ParameterLayout, ParameterTree } from '../parameters';
import { parameterNamed } from '../parameters';
import type { Objective } from './objective';

/** The loss sum of one shard, and its gradient with respect to the flat parameter vector. */
export interface ShardGradient {
  readonly lossSum: tf.Scalar;
  readonly gradient: tf.Tensor1D;
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
  const [lossSum, gradient] = tf.tidy((): [tf.Scalar, tf.Tensor1D] => {
    const { value, grads } = tf.valueAndGrads(lossOf)(
      names.map((name) => parameterNamed(parameters, name)),
    );
    return [value.asScalar(), layout.flatten(treeOf(names, grads))];
  });
  return { lossSum, gradient };
}

function treeOf(names: readonly string[], tensors: readonly tf.Tensor[]): ParameterTree {
  return Object.fromEntries(
    names.flatMap((name, index) => {
      const tensor = tensors[index];
      return tensor === undefined ? [] : [[name, tensor]];
    }),
  );
}
