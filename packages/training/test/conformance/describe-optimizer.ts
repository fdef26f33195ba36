import * as tf from '@tensorflow/tfjs';
import {
  adamWStep,
  type AdamWState,
  initialAdamWState,
  momentsByName,
} from '../../src/optimizers/adamw';
import { clipByGlobalNorm } from '../../src/optimizers/clip-by-global-norm';
import {
  ParameterLayout,
  type ParameterSpecs,
  type ParameterTree,
  weightDecayMask,
} from '../../src/parameters';
import { decode, type EncodedTensor, numbers, valuesOf } from '../support/tensors';
import type { ConformanceErrors } from './conformance-errors';
import { optimizerCases } from './fixtures';

/** Clipping below and above the limit, and steps of AdamW with decay for some tensors alone. */
export function describeOptimizer(errors: ConformanceErrors): void {
  describe('clipByGlobalNorm()', () => {
    it.each(optimizerCases.clipping)('$title', async (each) => {
      const gradients = tf.tensor1d(valuesOf(each.gradients));
      const clipped = clipByGlobalNorm(gradients, each.maximumNorm);
      errors.expectWithin('optimizer', {
        name: `norm: ${each.title}`,
        actual: await numbers(clipped.norm),
        expected: [each.norm],
      });
      errors.expectWithin('optimizer', {
        name: `clipped: ${each.title}`,
        actual: await numbers(clipped.gradients),
        expected: valuesOf(each.clipped),
      });
      tf.dispose([gradients, clipped.gradients, clipped.norm]);
    });
  });

  it('adamWStep() takes five steps', async () => {
    const { options, steps } = optimizerCases.adamw;
    const decayMask = weightDecayMask(specs, layout);
    let parameters = flatten(optimizerCases.adamw.start);
    let state: AdamWState = initialAdamWState(layout.size);
    for (const [index, step] of steps.entries()) {
      const { learningRate } = step;
      const gradients = flatten(step.gradients);
      const next = adamWStep(
        { parameters, gradients, state, learningRate },
        { ...options, decayMask },
      );
      tf.dispose([parameters, gradients, state.m, state.v]);
      ({ parameters, state } = next);

      const moments = momentsByName(state, layout);
      const weights = layout.unflatten(parameters);
      for (const name of Object.keys(specs)) {
        const compare = async (kind: string, tree: ParameterTree, expected: EncodedTensor) =>
          errors.expectWithin('optimizer', {
            name: `${kind}${name} after step ${index + 1}`,
            actual: await numbers(tree[`${kind}${name}`]!),
            expected: valuesOf(expected),
          });
        await compare('', weights, step.weights[name]!);
        await compare('m.', moments, step.firstMoments[name]!);
        await compare('v.', moments, step.secondMoments[name]!);
      }
      tf.dispose([moments, weights]);
    }
    tf.dispose([parameters, state.m, state.v, decayMask]);
  });
}

const specs: ParameterSpecs = Object.fromEntries(
  Object.entries(optimizerCases.adamw.start).map(([name, { shape }]) => [
    name,
    {
      shape,
      initializer: { kind: 'constant', value: 0 },
      isDecayed: optimizerCases.adamw.decayed.includes(name),
    },
  ]),
);
const layout = new ParameterLayout(specs);

function flatten(tree: Readonly<Record<string, EncodedTensor>>): tf.Tensor1D {
  return tf.tidy(() =>
    layout.flatten(
      Object.fromEntries(Object.entries(tree).map(([name, tensor]) => [name, decode(tensor)])),
    ),
  );
}
