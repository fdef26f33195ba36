import * as tf from '@tensorflow/tfjs';
import { BACKENDS, setBackend } from '../../test/support/backends';
import { layerCases, layerOf, titleOf } from '../../test/support/layers';
import { decode, relativeError, valueAndGradients, valuesOf } from '../../test/support/tensors';

/** Parts of the largest entry of the tensor. */
const FORWARD_TOLERANCE = 1e-6;
const GRADIENT_TOLERANCE = 1e-5;
const FINITE_DIFFERENCE_TOLERANCE = 2e-3;
/** Distance of the points of a finite difference, in parts of the largest entry where that is below 1. */
const SPACING = 0.05;
/** Entries of a tensor that finite differences are taken at; larger tensors are sampled. */
const SAMPLED_ENTRIES = 50;

describe.each(BACKENDS)('layers on %s against PyTorch', (backend) => {
  beforeAll(() => setBackend(backend));

  it.each(layerCases.map((each) => [titleOf(each), each] as const))('%s', async (_, each) => {
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
    expect(relativeError(value, valuesOf(each.value))).toBeLessThanOrEqual(FORWARD_TOLERANCE);
    for (const [name, expected] of Object.entries(each.gradients)) {
      expect({
        name,
        error: relativeError(gradients[name]!, valuesOf(expected)) <= GRADIENT_TOLERANCE,
      }).toEqual({ name, error: true });
    }
    tf.dispose(inputs);
  });
});

describe('layers on the reference backend against finite differences', () => {
  beforeAll(() => setBackend('cpu'));

  it.each(layerCases.map((each) => [titleOf(each), each] as const))('%s', async (_, each) => {
    const inputs = Object.fromEntries(
      Object.entries(each.inputs).map(([name, tensor]) => [name, decode(tensor)]),
    );
    const upstream = decode(each.upstream);
    const layer = layerOf(each);
    const { gradients } = await valueAndGradients(layer, inputs, upstream);

    for (const [name, tensor] of Object.entries(each.inputs)) {
      const point = valuesOf(tensor);
      const spacing = SPACING * Math.min(1, Math.max(...point.map(Math.abs)));
      const lossAt = async (index: number, offset: number): Promise<number> => {
        const moved = Float32Array.from(point);
        moved[index] = point[index]! + offset;
        const replaced = tf.tensor(moved, tensor.shape);
        const output = tf.tidy(() => layer({ ...inputs, [name]: replaced }));
        const values = await output.data();
        tf.dispose([replaced, output]);
        return valuesOf(each.upstream).reduce((sum, weight, i) => sum + weight * values[i]!, 0);
      };
      const stride = Math.ceil(point.length / SAMPLED_ENTRIES);
      const sample = [...point.keys()].filter((index) => index % stride === 0);
      const estimate: number[] = [];
      for (const index of sample) {
        // Central difference of fourth order.
        const near = (await lossAt(index, spacing)) - (await lossAt(index, -spacing));
        const far = (await lossAt(index, 2 * spacing)) - (await lossAt(index, -2 * spacing));
        estimate.push((8 * near - far) / (12 * spacing));
      }
      const analytic = sample.map((index) => gradients[name]![index]!);
      expect(relativeError(analytic, estimate)).toBeLessThanOrEqual(FINITE_DIFFERENCE_TOLERANCE);
    }
    tf.dispose([inputs, upstream]);
  });
});
