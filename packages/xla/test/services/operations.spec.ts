import { loadNativeAddon } from '@pixelis/native';
import type * as tf from '@tensorflow/tfjs';
import { compileStep, type Tensors } from '../../src/index';
import { OPERATION_CASES, type OperationCase } from './operation-cases';

const TOLERANCE = 1e-6;

beforeAll(() => {
  loadNativeAddon({ device: 'cpu' });
});

function outputsOf({ run }: OperationCase, inputs: Tensors): Record<string, tf.Tensor> {
  return Object.fromEntries([run(inputs)].flat().map((tensor, index) => [`y${index}`, tensor]));
}

describe('compileStep', () => {
  it.each(OPERATION_CASES.map((one) => [one.name, one] as const))(
    'computes %s as the eager kernels do',
    (_, one) => {
      const inputs = one.inputs();
      const step = compileStep((_state, given) => ({ state: {}, outputs: outputsOf(one, given) }), {
        state: {},
      });
      const outputs = step.run(inputs);
      expect(step.fallback?.op).toBe(one.fallback);
      if (one.fallback === undefined) {
        expect(step.compilations).toBe(1);
        for (const [name, expected] of Object.entries(outputsOf(one, inputs))) {
          const output = outputs[name];
          expect(output?.shape).toEqual(expected.shape);
          expect(output?.dtype).toBe(expected.dtype);
          expect(
            largestDifference(output?.dataSync() ?? [], expected.dataSync()),
          ).toBeLessThanOrEqual(TOLERANCE);
        }
      }
      step.dispose();
    },
  );
});

/** Largest difference relative to the largest of the expected values. */
function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const scale = Array.from(expected).reduce(
    (largest, value) => Math.max(largest, Math.abs(value)),
    1e-30,
  );
  return Array.from(expected).reduce(
    (largest, value, index) =>
      Math.max(largest, Math.abs((actual[index] ?? Number.NaN) - value) / scale),
    0,
  );
}
