import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import fc from 'fast-check';

import {
  type FusedLayers,
  fusedLayers,
  type InstalledKernels,
  installTrainingKernels,
} from '../index';
import {
  defineAttention,
  defineAttentionGradient,
  defineColumnSums,
  defineCrossEntropy,
  defineCrossEntropyGradient,
  defineLayerNorm,
  defineLayerNormGradient,
  defineLogSoftmax,
  defineSoftmax,
} from '../../test/layer-definitions';
import { bits } from '../../test/naive-product';

const seed = fc.integer({ min: 1, max: 0x7fffffff });
const rows = fc.integer({ min: 1, max: 9 });
const columns = fc.integer({ min: 1, max: 70 });
/** How large entries are: softmax of the last is 0 in most places. */
const spread = fc.constantFrom(0.01, 1, 4, 100);

/** Entries from −spread to spread. */
function entries(size: number, first: number, scale = 1): Float32Array {
  let state = first;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 0x80000000 - 1) * scale;
  });
}

/** The elementary functions as the installed kernels have them, which have tests of their own. */
const elementary = {
  exp: (values: Float32Array) => through(tf.exp, values),
  log: (values: Float32Array) => through(tf.log, values),
};

function through(operation: (x: tf.Tensor) => tf.Tensor, values: Float32Array): Float32Array {
  return tf.tidy(() => floats(operation(tf.tensor1d(values))));
}

function floats(tensor: tf.Tensor): Float32Array {
  return Float32Array.from(tensor.dataSync());
}

function expectSameBits(actual: tf.Tensor, expected: Float32Array): void {
  expect(actual.dtype).toBe('float32');
  const values = floats(actual);
  if (bits(values).equals(bits(expected))) return;
  expect(values).toEqual(expected);
  throw new Error('The values differ in the sign of a zero');
}

/** A slice of rows of a matrix as a matrix of its own. */
function rowsOf(
  values: Float32Array,
  { from, count, width }: Record<'from' | 'count' | 'width', number>,
): tf.Tensor2D {
  return tf.tensor2d(values.slice(from * width, (from + count) * width), [count, width]);
}

describe('the fused layers', () => {
  let kernels: InstalledKernels;
  let layers: FusedLayers;

  beforeAll(async () => {
    tf.env().set('IS_TEST', true);
    await tf.setBackend('wasm');
    kernels = installTrainingKernels(tf);
    layers = fusedLayers(tf)!;
  });
  afterAll(() => kernels.uninstall());

  /** Runs a property without leaving tensors behind. */
  function check<T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void): void {
    fc.assert(fc.property(arbitrary, (value) => tf.tidy(() => property(value))));
  }

  it('layerNorm() and its gradient are what their definition gives, bit for bit', () => {
    check(fc.record({ rows, dim: columns, seed, spread }), (one) => {
      const size = one.rows * one.dim;
      const x = entries(size, one.seed, one.spread);
      const [weight, bias] = [entries(one.dim, one.seed + 1), entries(one.dim, one.seed + 2)];
      const dy = entries(size, one.seed + 3);
      const shape: [number, number] = [one.rows, one.dim];
      const options = { weight: tf.tensor1d(weight), bias: tf.tensor1d(bias), epsilon: 1e-6 };
      const expected = defineLayerNorm(x, { weight, bias, epsilon: 1e-6 });
      const actual = layers.layerNorm(tf.tensor2d(x, shape), options);
      expect(actual.value.shape).toEqual(shape);
      expectSameBits(actual.value, expected.value);
      expectSameBits(actual.mean, expected.mean);
      expectSameBits(actual.inverseDeviation, expected.inverseDeviation);

      const gradients = layers.layerNormGradient({
        dy: tf.tensor2d(dy, shape),
        x: tf.tensor2d(x, shape),
        weight: options.weight,
        mean: actual.mean,
        inverseDeviation: actual.inverseDeviation,
      });
      const expectedGradients = defineLayerNormGradient(dy, { x, weight, ...expected });
      expectSameBits(gradients.dx, expectedGradients.dx);
      expectSameBits(gradients.dWeight, expectedGradients.dWeight);
      expectSameBits(gradients.dBias, expectedGradients.dBias);
    });
  });

  it('attention() and its gradient are what their definition gives, bit for bit', () => {
    const shapes = fc.record({
      batch: fc.integer({ min: 1, max: 3 }),
      length: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 21, max: 70 })),
      heads: fc.integer({ min: 1, max: 3 }),
      isCausal: fc.boolean(),
      headDim: fc.integer({ min: 1, max: 9 }),
    });
    check(fc.record({ shape: shapes, seed, spread: fc.constantFrom(0.1, 1, 8) }), (one) => {
      const { headDim, ...options } = one.shape;
      const [positions, dim] = [options.batch * options.length, options.heads * headDim];
      const packed = entries(positions * 3 * dim, one.seed, one.spread);
      const dy = entries(positions * dim, one.seed + 1);
      const packedTensor = tf.tensor2d(packed, [positions, 3 * dim]);
      const expected = defineAttention(packed, options, elementary);
      const { value, probabilities } = layers.attention(packedTensor, options);
      expect(value.shape).toEqual([positions, dim]);
      const { batch, heads, length } = options;
      expect(probabilities.shape).toEqual([batch * heads, length, length]);
      expectSameBits(probabilities, expected.probabilities);
      expectSameBits(value, expected.value);

      const dPacked = layers.attentionGradient(
        { dy: tf.tensor2d(dy, [positions, dim]), packed: packedTensor, probabilities },
        options,
      );
      expect(dPacked.shape).toEqual(packedTensor.shape);
      expectSameBits(
        dPacked,
        defineAttentionGradient(dy, { packed, probabilities: expected.probabilities }, options),
      );
    });
  });

  it('crossEntropySum() and its gradient are what their definition gives, bit for bit', () => {
    check(
      fc.record({ rows, classes: columns, seed, spread, dy: fc.constantFrom(1, 0.125, -3.7) }),
      (one) => {
        const size = one.rows * one.classes;
        const logits = entries(size, one.seed, one.spread);
        const targets = Int32Array.from(entries(one.rows, one.seed + 1), (entry) =>
          Math.max(-1, Math.floor(((entry + 1) / 2) * (one.classes + 1)) - 1),
        );
        const weights = entries(one.rows, one.seed + 2).map((entry) => entry + 1);
        const labels = {
          targets: tf.tensor1d(targets, 'int32'),
          weights: tf.tensor1d(weights),
        };
        const expected = defineCrossEntropy(logits, { targets, weights }, elementary);
        const actual = layers.crossEntropySum(tf.tensor2d(logits, [one.rows, one.classes]), labels);
        expect(actual.value.shape).toEqual([]);
        expectSameBits(actual.value, Float32Array.of(expected.value));
        expectSameBits(actual.probabilities, expected.probabilities);

        const dLogits = layers.crossEntropyGradient({
          dy: tf.scalar(one.dy),
          probabilities: actual.probabilities,
          ...labels,
        });
        expectSameBits(
          dLogits,
          defineCrossEntropyGradient(Math.fround(one.dy), expected.probabilities, {
            targets,
            weights,
          }),
        );
      },
    );
  });

  it('softmax and log-softmax are what their definition gives, bit for bit', () => {
    check(fc.record({ rows, columns, seed, spread }), (one) => {
      const x = entries(one.rows * one.columns, one.seed, one.spread);
      const [expected, expectedLog] = [new Float32Array(x.length), new Float32Array(x.length)];
      for (let at = 0; at < x.length; at += one.columns) {
        const row = x.subarray(at, at + one.columns);
        expected.set(defineSoftmax(row, elementary).probabilities, at);
        expectedLog.set(defineLogSoftmax(row, elementary), at);
      }
      const logits = tf.tensor2d(x, [one.rows, one.columns]);
      expectSameBits(tf.softmax(logits), expected);
      expectSameBits(tf.engine().runKernel('LogSoftmax', { logits }, { axis: 1 }), expectedLog);
    });
  });

  it('columnSums() is what its definition gives, bit for bit', () => {
    check(fc.record({ rows: fc.integer({ min: 1, max: 40 }), columns, seed, spread }), (one) => {
      const x = entries(one.rows * one.columns, one.seed, one.spread);
      const sums = layers.columnSums(tf.tensor2d(x, [one.rows, one.columns]));
      expect(sums.shape).toEqual([one.columns]);
      expectSameBits(sums, defineColumnSums(x, one.columns));
    });
  });

  it('a row has the same results whichever rows are in the call with it', () => {
    check(fc.record({ rows, columns, seed, from: fc.nat(8), count: rows }), (one) => {
      const width = one.columns;
      const from = one.from % one.rows;
      const part = { from, count: Math.min(one.count, one.rows - from), width };
      const all = { from: 0, count: one.rows, width };
      const [x, dy] = [
        entries(one.rows * width, one.seed),
        entries(one.rows * width, one.seed + 1),
      ];
      const parameters = { weight: tf.ones([width]), bias: tf.zeros([width]), epsilon: 1e-6 };
      const run = (place: typeof part): tf.Tensor[] => {
        const input = rowsOf(x, place);
        const norm = layers.layerNorm(input, parameters);
        const { dx } = layers.layerNormGradient({
          dy: rowsOf(dy, place),
          x: input,
          weight: parameters.weight,
          mean: norm.mean,
          inverseDeviation: norm.inverseDeviation,
        });
        const labels = {
          targets: tf.zeros([place.count], 'int32'),
          weights: tf.ones([place.count]),
        };
        const { probabilities } = layers.crossEntropySum(input, labels);
        const dLogits = layers.crossEntropyGradient({ dy: tf.scalar(1), probabilities, ...labels });
        return [norm.value, dx, probabilities, dLogits];
      };
      const whole = run(all).map((tensor) => rowsOf(floats(tensor), part));
      run(part).forEach((tensor, index) => expectSameBits(tensor, floats(whole[index]!)));
    });
  });

  it('a sequence has the same attention whichever sequences are in the call with it', () => {
    check(
      fc.record({
        batch: fc.integer({ min: 2, max: 3 }),
        length: rows,
        isCausal: fc.boolean(),
        seed,
      }),
      ({ batch, length, isCausal, seed: first }) => {
        const [width, heads] = [3 * 6, 2];
        const packed = entries(batch * length * width, first);
        const whole = layers.attention(tf.tensor2d(packed, [batch * length, width]), {
          batch,
          length,
          heads,
          isCausal,
        });
        const last = { from: (batch - 1) * length, count: length, width };
        const alone = layers.attention(rowsOf(packed, last), { batch: 1, length, heads, isCausal });
        expectSameBits(alone.value, floats(whole.value).slice((batch - 1) * length * 6));
        expectSameBits(
          alone.probabilities,
          floats(whole.probabilities).slice((batch - 1) * heads * length * length),
        );
      },
    );
  });

  it('attention() of earlier positions does not know of later ones if it is causal', () => {
    check(fc.record({ length: fc.integer({ min: 2, max: 70 }), seed, cut: fc.nat() }), (one) => {
      const [width, options] = [9, { batch: 1, length: one.length, heads: 1, isCausal: true }];
      const kept = 1 + (one.cut % (one.length - 1));
      const packed = entries(one.length * width, one.seed);
      const changed = packed.slice();
      changed.set(entries((one.length - kept) * width, one.seed + 1, 9), kept * width);
      const [before, after] = [packed, changed].map((values) =>
        floats(layers.attention(tf.tensor2d(values, [one.length, width]), options).value),
      );
      expect(bits(after!.slice(0, kept * 3))).toEqual(bits(before!.slice(0, kept * 3)));
    });
  });
});
