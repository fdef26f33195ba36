import * as tf from '@tensorflow/tfjs';
import { decode, valueAndGradients, valuesOf } from '../support/tensors';
import type { ConformanceErrors } from './conformance-errors';
import { layerCases } from './fixtures';
import { layerOf } from './layers';

/** Every case of every layer: value and gradients, their shapes, and that nothing is left on the backend. */
export function describeLayers(errors: ConformanceErrors): void {
  describe('layers', () => {
    it.each(layerCases.map((each) => [titleOf(each), each] as const))('%s', async (title, each) => {
      const inputs = Object.fromEntries(
        Object.entries(each.inputs).map(([name, tensor]) => [name, decode(tensor)]),
      );
      const before = tf.memory().numTensors;
      const upstream = decode(each.upstream);
      const { value, gradients, shapes } = await valueAndGradients(layerOf(each), inputs, upstream);
      upstream.dispose();

      expect(tf.memory().numTensors).toBe(before);
      expect(shapes).toEqual([
        each.value.shape,
        ...Object.values(each.inputs).map(({ shape }) => shape),
      ]);
      errors.expectWithin('layerValue', {
        name: title,
        actual: value,
        expected: valuesOf(each.value),
      });
      for (const [name, expected] of Object.entries(each.gradients)) {
        errors.expectWithin('layerGradient', {
          name: `${title}, gradient of ${name}`,
          actual: gradients[name]!,
          expected: valuesOf(expected),
        });
      }
      tf.dispose(inputs);
    });
  });
}

function titleOf({ name, title, settings }: (typeof layerCases)[number]): string {
  return `${name}: ${title}${settings.isCausal ? ', causal' : ''}`;
}
