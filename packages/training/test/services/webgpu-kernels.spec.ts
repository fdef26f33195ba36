import { fusedAdamW, type FusedLayers, fusedLayers } from '@pixelis/kernels';
import { math } from '@pixelis/core';
import * as tf from '@tensorflow/tfjs';
import { loadWasmBackend } from '../../src/backends/wasm-backend';
import { loadWebgpuBackend } from '../../src/backends/webgpu-backend';
import { adamWScalars } from '../../src/optimizers/adamw';
import { numbers, relativeError } from '../support/tensors';

/** WGSL bounds no error of exp and tanh that a driver must keep; these hold on SwiftShader with a margin of four. */
const ELEMENTWISE_TOLERANCE = 1e-6;
/** Parts of the largest entry of a result, against the kernels on wasm, whose sums are in another order. */
const LAYER_TOLERANCE = 2e-6;

describe('gelu() on webgpu against float64', () => {
  const x = Float32Array.from({ length: 6001 }, (_, index) => (index - 3000) / 250);

  beforeAll(() => loadWebgpuBackend());

  it.each(['erf', 'tanh'] as const)(
    'of %s is right everywhere, and so is its slope',
    async (form) => {
      const input = tf.tensor1d(x);
      const { value, derivative } = layers().gelu(input, form);
      const expected = [...x].map((each) => gelu(each, form));
      const errors = [
        largestError(
          await numbers(value),
          expected.map((each) => each.value),
        ),
        largestError(
          await numbers(derivative),
          expected.map((each) => each.derivative),
        ),
      ];
      if (process.env['PIXELIS_MEASURE']) console.log(form, errors);

      expect(Math.max(...errors)).toBeLessThanOrEqual(ELEMENTWISE_TOLERANCE);
      tf.dispose([input, value, derivative]);
    },
  );

  it('keeps the relative accuracy of the tail', async () => {
    const input = tf.tensor1d([-3, -5, -8, 0]);
    const { value } = layers().gelu(input, 'erf');
    const [near, far, farther, zero] = await numbers(value);

    expect(near! / -0.004049694095159049).toBeCloseTo(1, 5);
    expect(far! / -1.4332579357696e-6).toBeCloseTo(1, 5);
    expect(farther! / -4.976768611e-15).toBeCloseTo(1, 4);
    expect(zero).toBe(0);
    tf.dispose([input, value]);
  });
});

describe('fused layers on webgpu against those on wasm', () => {
  it.each([
    ['one entry', [1, 1]],
    ['columns of one lane more than a workgroup', [3, 65]],
    ['rows in several chunks', [260, 5]],
  ] as const)('agree on layer normalisation of %s', async (_, [rows, columns]) => {
    await agree(
      { x: [rows, columns], dy: [rows, columns], weight: [columns], bias: [columns] },
      (given, fused) => {
        const { x, dy, weight, bias } = given;
        const { value, mean, inverseDeviation } = fused.layerNorm(x!, {
          weight: weight!,
          bias: bias!,
          epsilon: 1e-3,
        });
        const gradient = { dy: dy!, x: x!, weight: weight!, mean, inverseDeviation };
        return { value, mean, inverseDeviation, ...fused.layerNormGradient(gradient) };
      },
    );
  });

  it.each([
    { batch: 1, length: 1, heads: 1, headDim: 1, isCausal: true },
    { batch: 1, length: 67, heads: 2, headDim: 5, isCausal: false },
    { batch: 3, length: 9, heads: 3, headDim: 4, isCausal: true },
  ])('agree on attention of %j', async ({ headDim, ...options }) => {
    const rows = options.batch * options.length;
    const dim = options.heads * headDim;
    await agree({ packed: [rows, 3 * dim], dy: [rows, dim] }, ({ packed, dy }, fused) => {
      const { value, probabilities } = fused.attention(packed!, options);
      const gradient = { dy: dy!, packed: packed!, probabilities };
      return { value, probabilities, dPacked: fused.attentionGradient(gradient, options) };
    });
  });

  it.each([
    [1, 1],
    [5, 67],
    [130, 3],
  ])('agree on cross-entropy of %i rows of %i classes', async (rows, classes) => {
    const ids = Int32Array.from({ length: rows }, (_, row) => (row % (classes + 1)) - 1);
    await agree({ logits: [rows, classes], weights: [rows], dy: [] }, (given, fused) => {
      const labels = { targets: tf.tensor1d(ids, 'int32'), weights: given['weights']! };
      const { value, probabilities } = fused.crossEntropySum(given['logits']!, labels);
      const gradient = { ...labels, dy: given['dy']!, probabilities };
      return { value, probabilities, dLogits: fused.crossEntropyGradient(gradient) };
    });
  });

  it.each([
    [1, 1],
    [256, 31],
    [257, 33],
  ])('agree on the sums of columns of %i rows and %i columns', async (rows, columns) => {
    await agree({ x: [rows, columns] }, ({ x }, fused) => ({ sums: fused.columnSums(x!) }));
  });

  it('agree on what has no entries', async () => {
    const empty = { x: [0, 3], row: [3], y: [0, 12], none: [0], dy: [] };
    await agree(empty, ({ x, row, y, none, dy }, fused) => {
      const options = { batch: 0, length: 5, heads: 2, isCausal: true };
      const norm = fused.layerNorm(x!, { weight: row!, bias: row!, epsilon: 1 });
      const { value, probabilities } = fused.attention(y!, options);
      const labels = { targets: tf.tensor1d([], 'int32'), weights: none! };
      const loss = fused.crossEntropySum(x!, labels);
      return {
        sums: fused.columnSums(x!),
        ...fused.gelu(none!, 'erf'),
        norm: norm.value,
        ...fused.layerNormGradient({ dy: x!, x: x!, weight: row!, ...norm }),
        attention: value,
        dPacked: fused.attentionGradient({ dy: value, packed: y!, probabilities }, options),
        loss: loss.value,
        dLogits: fused.crossEntropyGradient({ ...labels, ...loss, dy: dy! }),
      };
    });
  });
});

describe('fused layers on webgpu', () => {
  beforeAll(() => loadWebgpuBackend());

  it.each([NaN, Infinity])('let %f through to the loss as NaN', async (entry) => {
    const logits = tf.tensor2d([[1, entry, 2]]);
    const { value } = layers().crossEntropySum(logits, {
      targets: tf.tensor1d([0], 'int32'),
      weights: tf.tensor1d([1]),
    });

    expect(await numbers(value)).toEqual(Float32Array.of(NaN));
  });

  it('let NaN through from every entry to what is computed from it', async () => {
    const x = tf.tensor2d([
      [1, 2, 4],
      [1, NaN, 2],
    ]);
    const norm = layers().layerNorm(x, { weight: tf.ones([3]), bias: tf.ones([3]), epsilon: 1 });
    const options = { batch: 1, length: 2, heads: 1, isCausal: true };
    const { value } = layers().attention(x, options);
    const gelu = layers().gelu(x, 'erf');
    const tanhGelu = layers().gelu(x, 'tanh');
    const isNaNOf = async (tensor: tf.Tensor): Promise<boolean[]> =>
      [...(await numbers(tensor))].map(Number.isNaN);

    expect(await isNaNOf(norm.value)).toEqual([false, false, false, true, true, true]);
    expect(await isNaNOf(value)).toEqual([false, true]);
    expect(await isNaNOf(gelu.value)).toEqual([false, false, false, false, true, false]);
    expect(await isNaNOf(tanhGelu.derivative)).toEqual([false, false, false, false, true, false]);
  });

  it('refuse what does not fit, by name', () => {
    const x = tf.zeros([2, 3]);

    expect(() => layers().columnSums(tf.zeros([2]))).toThrow(RangeError);
    expect(() =>
      layers().layerNorm(x, { weight: tf.zeros([2]), bias: tf.zeros([3]), epsilon: 1 }),
    ).toThrow(/weight must have shape \[3\]: current shape is \[2\]/);
    expect(() => layers().gelu(tf.zeros([2], 'int32'), 'erf')).toThrow(TypeError);
    expect(() => layers().attention(x, { batch: 1, length: 2, heads: 2, isCausal: false })).toThrow(
      RangeError,
    );
  });

  it('add up many rows, in chunks', async () => {
    const [rows, columns] = [20_000, 3];
    const values = Float32Array.from({ length: rows * columns }, (_, index) => Math.sin(index) + 1);
    const expected = [0, 1, 2].map((column) =>
      values.reduce((sum, value, index) => (index % columns === column ? sum + value : sum), 0),
    );

    const sums = layers().columnSums(tf.tensor2d(values, [rows, columns]));

    expect(relativeError(await numbers(sums), expected)).toBeLessThanOrEqual(1e-6);
  });

  it('reach entries beyond the workgroups of one dimension', async () => {
    const size = 65_535 * 64 + 1000;
    const x = tf.fill([size], 2);
    const { value } = layers().gelu(x, 'erf');
    const values = await numbers(value);

    expect(values.findIndex((each) => Math.abs(each - 1.9544997) > 1e-6)).toBe(-1);
    tf.dispose([x, value]);
  });

  it('free what they make on the way', async () => {
    const packed = tf.randomNormal<tf.Rank.R2>([40, 36]);
    const options = { batch: 4, length: 10, heads: 3, isCausal: true };
    const targets = tf.zeros([40], 'int32');
    const weights = tf.ones([40]);
    const usedAfterRound = async (): Promise<unknown> => {
      const { value, probabilities } = layers().attention(packed, options);
      const dPacked = layers().attentionGradient({ dy: value, packed, probabilities }, options);
      const entropy = layers().crossEntropySum(dPacked, { targets, weights });
      tf.dispose([value, probabilities, dPacked, entropy.value, entropy.probabilities]);
      // Reading sends the commands, which frees what they used.
      await packed.data();
      return { ...tf.memory() };
    };
    const first = await usedAfterRound();
    await usedAfterRound();

    expect(await usedAfterRound()).toEqual(first);
  });
});

describe('fusedAdamW() on webgpu', () => {
  it('takes the steps of AdamW in float64', async () => {
    await loadWebgpuBackend();
    const size = 200;
    const step = fusedAdamW(tf)!;
    const start = Float32Array.from({ length: size }, (_, index) => Math.sin(index));
    const mask = Float32Array.from({ length: size }, (_, index) => index % 2);
    let state = {
      parameters: tf.tensor1d(start),
      m: tf.zeros<tf.Rank.R1>([size]),
      v: tf.zeros<tf.Rank.R1>([size]),
    };
    const expected = {
      parameters: [...start],
      m: new Array<number>(size).fill(0),
      v: new Array<number>(size).fill(0),
    };
    const decayMask = tf.tensor1d(mask);
    for (let count = 1; count <= 50; count++) {
      const gradients = Float32Array.from({ length: size }, (_, index) => Math.cos(count * index));
      const scalars = adamWScalars({ step: count, learningRate: 0.01 }, { weightDecay: 0.1 });
      state = step({ ...state, gradients: tf.tensor1d(gradients), decayMask }, scalars);
      gradients.forEach((gradient, index) => {
        const m = 0.9 * expected.m[index]! + 0.1 * gradient;
        const v = 0.999 * expected.v[index]! + 0.001 * gradient * gradient;
        const denominator = Math.sqrt(v) / scalars.rootCorrection + scalars.epsilon;
        expected.m[index] = m;
        expected.v[index] = v;
        expected.parameters[index]! *= 1 - mask[index]! * scalars.decay;
        expected.parameters[index]! -= (scalars.stepSize * m) / denominator;
      });
    }
    for (const name of ['parameters', 'm', 'v'] as const) {
      expect(relativeError(await numbers(state[name]), expected[name])).toBeLessThanOrEqual(1e-6);
    }
  });
});

// Helpers

function layers(): FusedLayers {
  const fused = fusedLayers(tf);
  if (fused === undefined) throw new Error(`No fused layers on ${tf.getBackend()}`);
  return fused;
}

/** Runs a layer on both backends with the same numbers and compares all that it gives. */
async function agree(
  shapes: Readonly<Record<string, readonly number[]>>,
  layer: (inputs: Record<string, tf.Tensor>, fused: FusedLayers) => Record<string, tf.Tensor>,
): Promise<void> {
  const run = async (): Promise<Record<string, Float32Array>> => {
    const inputs = Object.fromEntries(
      Object.entries(shapes).map(([name, shape], seed) => [
        name,
        tf.randomNormal([...shape], 0, 1, 'float32', seed + 1),
      ]),
    );
    const outputs = layer(inputs, layers());
    const values: Record<string, Float32Array> = {};
    for (const [name, tensor] of Object.entries(outputs)) values[name] = await numbers(tensor);
    tf.dispose([inputs, outputs]);
    return values;
  };
  await loadWasmBackend();
  const expected = await run();
  await loadWebgpuBackend();
  const actual = await run();
  const errors = Object.entries(expected).map(([name, values]) => ({
    name,
    error: relativeError(actual[name]!, values),
  }));
  if (process.env['PIXELIS_MEASURE']) console.log(errors);

  expect(errors.filter(({ error }) => !(error <= LAYER_TOLERANCE))).toEqual([]);
}

function gelu(x: number, form: 'erf' | 'tanh'): { value: number; derivative: number } {
  if (form === 'erf') {
    const phi = 0.5 * (1 + math.erf(x * Math.SQRT1_2));
    return {
      value: x * phi,
      derivative: phi + (x * math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI),
    };
  }
  const slope = Math.sqrt(2 / Math.PI);
  const root = math.tanh(slope * (x + 0.044715 * x ** 3));
  const derivative =
    0.5 * (1 + root) + 0.5 * x * (1 - root * root) * slope * (1 + 0.134145 * x * x);
  return { value: 0.5 * x * (1 + root), derivative };
}

/** The largest error, relative where the expected number is above 1. */
function largestError(actual: Float32Array, expected: readonly number[]): number {
  return Math.max(
    ...expected.map((each, index) => Math.abs(actual[index]! - each) / Math.max(1, Math.abs(each))),
  );
}
