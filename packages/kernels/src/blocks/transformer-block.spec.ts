import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';

import {
  type FusedLayers,
  fusedLayers,
  type FusedTransformerBlock,
  fusedTransformerBlock,
  type InstalledKernels,
  installTrainingKernels,
  type TransformerBlockOptions,
  type TransformerBlockParameters,
  transformerBlockParameters,
} from '../index';

const SHAPES = [
  { batch: 2, length: 5, heads: 2, dim: 8, hidden: 12, isCausal: false },
  { batch: 1, length: 7, heads: 3, dim: 18, hidden: 30, isCausal: true },
  { batch: 3, length: 1, heads: 1, dim: 5, hidden: 3, isCausal: false },
];

describe('fusedTransformerBlock()', () => {
  let installed: InstalledKernels;
  let block: FusedTransformerBlock;
  let layers: FusedLayers;

  beforeAll(() => tf.setBackend('wasm'));
  beforeEach(() => {
    installed = installTrainingKernels(tf);
    block = present(fusedTransformerBlock(tf));
    layers = present(fusedLayers(tf));
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
    installed.uninstall();
  });

  it('is undefined where the kernels are not installed', () => {
    installed.uninstall();
    expect(fusedTransformerBlock(tf)).toBeUndefined();
  });

  it.each(SHAPES)('value() has the bits of its layers one by one: %j', (shape) => {
    const { x, parameters, options } = inputsOf(shape);
    expect(valuesOf(block.value(x, parameters, options).value)).toEqual(
      valuesOf(byLayers(x, parameters, options).value),
    );
  });

  it.each(SHAPES)('gradient() has the bits of its layers one by one: %j', (shape) => {
    const { x, parameters, options } = inputsOf(shape);
    const dy = numbers([shape.batch * shape.length, shape.dim], 99);
    const { activations } = block.value(x, parameters, options);
    const found = block.gradient({ dy, x, parameters, activations }, options);
    const expected = byLayers(x, parameters, options).gradient(dy);
    expect(Object.entries({ dx: found.dx, ...found.parameters }).map(readEntry)).toEqual(
      Object.entries(expected).map(readEntry),
    );
  });

  it('keeps no tensor beyond what it returns', () => {
    const { x, parameters, options } = inputsOf(SHAPES[0]!);
    const dy = numbers([10, 8], 99);
    const ids = tf.backend().numDataIds();
    const { value, activations } = block.value(x, parameters, options);
    const gradients = block.gradient({ dy, x, parameters, activations }, options);
    tf.dispose([value, ...activations, gradients.dx, ...Object.values(gradients.parameters)]);
    expect(tf.backend().numDataIds()).toBe(ids);
  });

  it('refuses activations that are not all there', () => {
    const { x, parameters, options } = inputsOf(SHAPES[0]!);
    const inputs = { dy: x, x, parameters, activations: [] };
    expect(() => block.gradient(inputs, options)).toThrow(RangeError);
  });

  function byLayers(
    x: tf.Tensor,
    p: TransformerBlockParameters,
    options: TransformerBlockOptions,
  ): { value: tf.Tensor; gradient: (dy: tf.Tensor) => Record<string, tf.Tensor> } {
    const { epsilon } = options;
    const norm1 = layers.layerNorm(x, { weight: p.norm1Weight, bias: p.norm1Bias, epsilon });
    const packed = linear(norm1.value, p.qkvWeight, p.qkvBias);
    const attention = layers.attention(packed, options);
    const middle = tf.add(x, linear(attention.value, p.outWeight, p.outBias));
    const norm2 = layers.layerNorm(middle, { weight: p.norm2Weight, bias: p.norm2Bias, epsilon });
    const gelu = layers.gelu(linear(norm2.value, p.upWeight, p.upBias), 'erf');
    const value = tf.add(middle, linear(gelu.value, p.downWeight, p.downBias));
    function gradient(dy: tf.Tensor): Record<string, tf.Tensor> {
      const dUp = tf.mul(tf.matMul(dy, p.downWeight, false, true), gelu.derivative);
      const dNorm2 = layers.layerNormGradient({
        ...norm2,
        dy: tf.matMul(dUp, p.upWeight, false, true),
        x: middle,
        weight: p.norm2Weight,
      });
      const dMiddle = tf.add(dNorm2.dx, dy);
      const dPacked = layers.attentionGradient(
        {
          dy: tf.matMul(dMiddle, p.outWeight, false, true),
          packed,
          probabilities: attention.probabilities,
        },
        options,
      );
      const dNorm1 = layers.layerNormGradient({
        ...norm1,
        dy: tf.matMul(dPacked, p.qkvWeight, false, true),
        x,
        weight: p.norm1Weight,
      });
      return {
        dx: tf.add(dNorm1.dx, dMiddle),
        norm1Weight: dNorm1.dWeight,
        norm1Bias: dNorm1.dBias,
        qkvWeight: tf.matMul(norm1.value, dPacked, true, false),
        qkvBias: layers.columnSums(dPacked),
        outWeight: tf.matMul(attention.value, dMiddle, true, false),
        outBias: layers.columnSums(dMiddle),
        norm2Weight: dNorm2.dWeight,
        norm2Bias: dNorm2.dBias,
        upWeight: tf.matMul(norm2.value, dUp, true, false),
        upBias: layers.columnSums(dUp),
        downWeight: tf.matMul(gelu.value, dy, true, false),
        downBias: layers.columnSums(dy),
      };
    }
    return { value, gradient };
  }
});

/** What a block of a shape is run with. */
function inputsOf({ batch, length, heads, dim, hidden, isCausal }: (typeof SHAPES)[number]): {
  x: tf.Tensor;
  parameters: TransformerBlockParameters;
  options: TransformerBlockOptions;
} {
  const shapes = [
    [dim], [dim], [dim, 3 * dim], [3 * dim], [dim, dim], [dim],
    [dim], [dim], [dim, hidden], [hidden], [hidden, dim], [dim],
  ]; // prettier-ignore
  return {
    x: numbers([batch * length, dim], 1),
    parameters: transformerBlockParameters(shapes.map((shape, index) => numbers(shape, index + 2))),
    options: { batch, length, heads, isCausal, epsilon: 1e-6 },
  };
}

function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return tf.add(tf.matMul(x, weight), bias);
}

/** Values from −1 to 1 that look random. */
function numbers(shape: number[], seed: number): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor(
    Float32Array.from(
      { length: size },
      (_, i) => (((i + 1) * (seed * 7919 + 104729)) % 2003) / 1001.5 - 1,
    ),
    shape,
  );
}

function valuesOf(tensor: tf.Tensor): number[] {
  return [...tensor.dataSync<'float32'>()];
}

function readEntry([name, tensor]: [string, tf.Tensor]): unknown {
  return [name, tensor.shape, valuesOf(tensor)];
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the kernels are not installed');
  return value;
}
