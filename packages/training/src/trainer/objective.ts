import type * as tf from '@tensorflow/tfjs';
import type { ParameterTree } from '../parameters';

/** What a trainer minimises: the sum of `lossSum` over a batch's shards, divided by the sum of their `weight`. */
export interface Objective<Shard> {
  /** The weighted sum of the loss over one shard, a scalar that gradients can be taken of. */
  lossSum(parameters: ParameterTree, shard: Shard): tf.Scalar;
  /** The sum of the weights in one shard. */
  weight(shard: Shard): number;
}
