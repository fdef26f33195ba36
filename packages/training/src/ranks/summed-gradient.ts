import * as tf from '@tensorflow/tfjs';
import type { HostTensor } from '../host-tensors';
import { inputNamed } from '../host-tensors';
import { type ParameterLayout, parameterNamed } from '../parameters';
import type { Objective } from '../trainer/objective';

const LOSS = 'loss';
const FLOAT_MAX = 3.4028234663852886e38;

/** What all shards of a step came to, computed elsewhere: the one shard of a trainer that is to take the step. */
export interface SummedGradient {
  /** Sum of the loss sums of all shards. */
  readonly lossSum: number;
  /** Sum of the weights of all shards. */
  readonly totalWeight: number;
  /** The sum of their gradients in the order of the layout. */
  readonly gradient: Float32Array;
}

/**
 * An objective whose gradient is given: a trainer of it averages, clips and steps just as it does with the gradients that
 * it computed by itself, whatever the backend does that by.
 */
export function summedGradientObjective(layout: ParameterLayout): Objective<SummedGradient> {
  const { slots } = layout;
  return {
    inputs({ lossSum, gradient }) {
      const inputs: Record<string, HostTensor> = {
        [LOSS]: { shape: [], data: Float32Array.of(asFloat(lossSum)) },
      };
      for (const { name, shape, offset, size } of slots)
        inputs[gradientName(name)] = { shape, data: gradient.subarray(offset, offset + size) };
      return inputs;
    },
    lossSum(parameters, inputs) {
      const given = tf.customGrad(() => ({
        value: inputNamed(inputs, LOSS).clone(),
        gradFunc: () => slots.map(({ name }) => inputNamed(inputs, gradientName(name)).clone()),
      }));
      return given(...slots.map(({ name }) => parameterNamed(parameters, name))).asScalar();
    },
    weight: ({ totalWeight }) => totalWeight,
  };
}

function gradientName(parameter: string): string {
  return `gradient of ${parameter}`;
}

/** Keeps a finite number finite: whether training diverged is told from the sum in float64. */
function asFloat(lossSum: number): number {
  return Number.isFinite(lossSum) ? Math.min(Math.max(lossSum, -FLOAT_MAX), FLOAT_MAX) : lossSum;
}
