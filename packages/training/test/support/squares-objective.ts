import * as tf from '@tensorflow/tfjs';
import { inputNamed } from '../../src/host-tensors';
import { parameterNamed, type ParameterSpecs } from '../../src/parameters';
import type { Objective } from '../../src/trainer/objective';

/** Examples of two inputs each. */
export interface SquaresShard {
  readonly inputs: readonly (readonly [number, number])[];
  readonly targets: readonly number[];
}

/** A model that a test can compute by hand: slope · input + bias. */
export const squaresSpecs: ParameterSpecs = {
  slope: { shape: [2], initializer: { kind: 'constant', value: 0 }, isDecayed: true },
  bias: { shape: [], initializer: { kind: 'constant', value: 0 }, isDecayed: false },
};

/** The sum of squared errors of that model; each example weighs 1. */
export const squares: Objective<SquaresShard> = {
  inputs: ({ inputs, targets }) => ({
    x: { shape: [inputs.length, 2], data: Float32Array.from(inputs.flat()) },
    y: { shape: [targets.length], data: Float32Array.from(targets) },
  }),
  lossSum: (parameters, inputs) =>
    tf.tidy(() => {
      const slope = tf.reshape(parameterNamed(parameters, 'slope'), [1, 2]);
      const products = tf.mul(inputNamed(inputs, 'x'), slope);
      const predicted = tf.add(tf.sum(products, 1), parameterNamed(parameters, 'bias'));
      return tf.sum(tf.square(tf.sub(predicted, inputNamed(inputs, 'y')))).asScalar();
    }),
  weight: ({ targets }) => targets.length,
};
