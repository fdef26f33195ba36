import * as tf from '@tensorflow/tfjs';
import { setBackend } from '../../../test/support/backends';
import { operationsOnTfjs } from '../../../test/support/operations-on-tfjs';
import { type Layer, relativeError, valueAndGradients } from '../../../test/support/tensors';
import { attention } from '../attention';
import { gelu } from '../gelu';
import { layerNorm } from '../layer-norm';
import { linear } from '../linear';
import { attentionHalf } from './attention-half';
import { perceptronHalf } from './perceptron-half';
import { TensorFlowOperations } from './tensorflow-operations';

const TOLERANCE = 2e-6;

const SHAPES = [
  { batch: 2, length: 5, heads: 2, dim: 8, hidden: 12, isCausal: false },
  { batch: 1, length: 7, heads: 3, dim: 18, hidden: 30, isCausal: true },
  { batch: 3, length: 1, heads: 1, dim: 5, hidden: 3, isCausal: false },
  { batch: 2, length: 3, heads: 4, dim: 4, hidden: 8, isCausal: true },
];
type Shape = (typeof SHAPES)[number];

beforeAll(() => setBackend('cpu'));

describe('TensorFlowOperations.inUse()', () => {
  it('is undefined on backends that are not native', () => {
    expect(TensorFlowOperations.inUse()).toBeUndefined();
  });
});

describe('attentionHalf()', () => {
  it.each(SHAPES)('is what its layers are one by one, backward too: %j', async (shape) => {
    const { dim, ...options } = shape;
    const layers: Layer = ({ x, nw, nb, w1, b1, w2, b2 }) => {
      const packed = linear(layerNorm(x!, { weight: nw!, bias: nb! }), { weight: w1!, bias: b1! });
      return tf.add(x!, linear(attention(packed, options), { weight: w2!, bias: b2! }));
    };
    const half: Layer = ({ x, nw, nb, w1, b1, w2, b2 }) =>
      attentionHalf(operationsOnTfjs(), x!, {
        ...options,
        norm: { weight: nw!, bias: nb! },
        qkv: { weight: w1!, bias: b1! },
        out: { weight: w2!, bias: b2! },
      });
    await expectSame(half, layers, inputsOf(shape, [3 * dim, dim]));
  });
});

describe('perceptronHalf()', () => {
  it.each(SHAPES)('is what its layers are one by one, backward too: %j', async (shape) => {
    const layers: Layer = ({ x, nw, nb, w1, b1, w2, b2 }) => {
      const up = linear(layerNorm(x!, { weight: nw!, bias: nb! }), { weight: w1!, bias: b1! });
      return tf.add(x!, linear(gelu(up), { weight: w2!, bias: b2! }));
    };
    const half: Layer = ({ x, nw, nb, w1, b1, w2, b2 }) =>
      perceptronHalf(operationsOnTfjs(), x!, {
        norm: { weight: nw!, bias: nb! },
        up: { weight: w1!, bias: b1! },
        down: { weight: w2!, bias: b2! },
      });
    await expectSame(half, layers, inputsOf(shape, [shape.hidden, shape.hidden]));
  });
});

async function expectSame(
  half: Layer,
  layers: Layer,
  inputs: Record<string, tf.Tensor>,
): Promise<void> {
  const upstream = normal(inputs['x']!.shape, 99);
  const before = tf.memory().numTensors;
  const found = await valueAndGradients(half, inputs, upstream);
  expect(tf.memory().numTensors).toBe(before);
  const expected = await valueAndGradients(layers, inputs, upstream);
  expect(found.shapes).toEqual(expected.shapes);
  expect(relativeError(found.value, expected.value)).toBeLessThanOrEqual(TOLERANCE);
  for (const [name, gradient] of Object.entries(expected.gradients)) {
    const error = relativeError(found.gradients[name]!, gradient);
    expect({ name, isSame: error <= TOLERANCE }).toEqual({ name, isSame: true });
  }
  tf.dispose([inputs, upstream]);
}

/** Tensors of a half whose first linear layer gives `width` columns, and whose second one reads `between`. */
function inputsOf(
  { batch, length, dim }: Shape,
  [width, between]: readonly [number, number],
): Record<string, tf.Tensor> {
  return {
    x: normal([batch * length, dim], 1),
    nw: normal([dim], 2),
    nb: normal([dim], 3),
    w1: normal([dim, width], 4),
    b1: normal([width], 5),
    w2: normal([between, dim], 6),
    b2: normal([dim], 7),
  };
}

function normal(shape: number[], seed: number): tf.Tensor {
  return tf.randomNormal(shape, 0, 0.7, 'float32', seed);
}
