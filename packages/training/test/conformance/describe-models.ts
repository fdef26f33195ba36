import * as tf from '@tensorflow/tfjs';
import { ParameterLayout } from '../../src/parameters';
import { shardGradient } from '../../src/trainer/shard-gradient';
import { decode, numbers, valuesOf } from '../support/tensors';
import type { ConformanceErrors } from './conformance-errors';
import { classifier, type ConformanceModel, visionLanguage } from './models';

/** The loss of each model over a shard, and the gradient of every parameter. */
export function describeModels(errors: ConformanceErrors): void {
  describeModel(classifier, errors);
  describeModel(visionLanguage, errors);
}

function describeModel<Shard>(
  { name: model, specs, objective, shardOf, fixture }: ConformanceModel<Shard>,
  errors: ConformanceErrors,
): void {
  it.each(fixture.shards.map((each, index) => [index + 1, each] as const))(
    `${model}: loss and gradients of shard %i`,
    async (index, each) => {
      const parameters = Object.fromEntries(
        Object.entries(fixture.parameters).map(([name, tensor]) => [name, decode(tensor)]),
      );
      const before = tf.memory().numTensors;
      const layout = new ParameterLayout(specs);
      const shard = shardOf(each.shard);
      const { lossSum, gradients } = shardGradient(parameters, { objective, layout, shard });

      expect(Object.keys(gradients).sort()).toEqual(Object.keys(each.gradients).sort());
      errors.expectWithin('modelLoss', {
        name: `${model}, shard ${index}`,
        actual: await numbers(lossSum),
        expected: [each.loss],
      });
      for (const [name, expected] of Object.entries(each.gradients)) {
        errors.expectWithin('modelGradient', {
          name: `${model}, shard ${index}, ${name}`,
          actual: await numbers(gradients[name]!),
          expected: valuesOf(expected),
        });
      }
      tf.dispose([lossSum, gradients]);
      expect(tf.memory().numTensors).toBe(before);
      tf.dispose(parameters);
    },
  );
}
