import * as tf from '@tensorflow/tfjs';
import { createTrainer } from '../../src/trainer/create-trainer';
import { decode, valuesOf } from '../support/tensors';
import type { ConformanceErrors } from './conformance-errors';
import { classifier, type ConformanceModel, visionLanguage } from './models';

/** A GPU that the processor plays takes its time. */
const TIMEOUT_MS = 600_000;

/** How the models are trained. */
export interface DescribeTrainingOptions {
  /** Whether each step is compiled; it must not fall back. @default {false} */
  readonly isCompiled?: boolean;
}

/** Twenty steps of each model: the loss and the norm of the gradient of every step, and the weights at the end. */
export function describeTraining(
  errors: ConformanceErrors,
  { isCompiled = false }: DescribeTrainingOptions = {},
): void {
  describeModel(classifier, { errors, isCompiled });
  describeModel(visionLanguage, { errors, isCompiled });
}

function describeModel<Shard>(
  { name: model, specs, objective, shardOf, fixture }: ConformanceModel<Shard>,
  { errors, isCompiled }: { readonly errors: ConformanceErrors; readonly isCompiled: boolean },
): void {
  const run = isCompiled ? `${model}, compiled` : model;

  it(
    `${run}: a short training`,
    async () => {
      const { optimizer, gradientClipNorm, batches, steps } = fixture.training;
      const parameters = Object.fromEntries(
        Object.entries(fixture.parameters).map(([name, tensor]) => [name, decode(tensor)]),
      );
      const onFallback = jest.fn();
      const trainer = createTrainer<Shard>(
        { parameters },
        { specs, objective, optimizer, gradientClipNorm, isCompiled, onFallback },
      );
      tf.dispose(parameters);
      for (const [index, expected] of steps.entries()) {
        const shards = batches[index % batches.length]!.map(shardOf);
        const { loss, gradientNorm } = await trainer.update(shards, expected.learningRate);
        const name = `${run}, step ${index + 1}`;
        errors.expectWithin('trainingCurve', {
          name: `${name}, loss`,
          actual: [loss],
          expected: [expected.loss],
        });
        errors.expectWithin('trainingCurve', {
          name: `${name}, norm`,
          actual: [gradientNorm],
          expected: [expected.gradientNorm],
        });
      }
      expect(onFallback).not.toHaveBeenCalled();
      const snapshot = await trainer.snapshot();
      await trainer.dispose();
      for (const [name, expected] of Object.entries(fixture.training.weights)) {
        errors.expectWithin('trainingWeights', {
          name: `${run}, ${name}`,
          actual: snapshot.parameters[name]!.data,
          expected: valuesOf(expected),
        });
      }
    },
    TIMEOUT_MS,
  );
}
