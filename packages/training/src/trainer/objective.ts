import type * as tf from '@tensorflow/tfjs';
import type { HostTensors, Tensors } from '../host-tensors';
import type { ParameterTree } from '../parameters';

/** What a trainer minimises: the sum of `lossSum` over a batch's shards, divided by the sum of their `weight`. */
export interface Objective<Shard> {
  /**
   * All that the loss reads of a shard, as plain arrays: what is sent to the device.
   *
   * @throws {RangeError} If the shard holds what the loss cannot read.
   */
  inputs(shard: Shard): HostTensors;
  /**
   * The weighted sum of the loss over one shard, a scalar that gradients can be taken of: a pure function of parameters
   * and inputs, so that a step can be recorded once and run many times. It reads no tensor back, and makes tensors from
   * nothing but these and their shapes.
   */
  lossSum(parameters: ParameterTree, inputs: Tensors): tf.Scalar;
  /**
   * The inputs of all shards of a step, padded to shapes that they share and that are the same for most steps, since a
   * compiled step is compiled anew for each. Loss and gradients must not depend on the padding. Absent where shards are alike anyway.
   */
  paddedInputs?(shards: readonly Shard[]): readonly HostTensors[];
  /** The sum of the weights in one shard. */
  weight(shard: Shard): number;
}
