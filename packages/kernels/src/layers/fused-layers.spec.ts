import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';

import { asWasmBackend } from '../heap/wasm-backend';
import {
  type FusedLayers,
  fusedLayers,
  type InstalledKernels,
  installTrainingKernels,
} from '../index';
import {
  type EncodedTensor,
  layerFixtures,
  type LayerCase,
  valuesOf,
} from '../../test/layer-fixtures';
import {
  attentionReference,
  centralDifferences,
  crossEntropyReference,
  layerNormReference,
  type Reference,
} from '../../test/layer-references';

/** Parts of the largest entry of the tensor. */
const VALUE_TOLERANCE = 1e-6;
const GRADIENT_TOLERANCE = 5e-6;

let kernels: InstalledKernels;
let layers: FusedLayers;

beforeAll(async () => {
  tf.env().set('IS_TEST', true);
  await tf.setBackend('wasm');
  kernels = installTrainingKernels(tf);
  layers = fusedLayers(tf)!;
});
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());
afterAll(() => kernels.uninstall());

function decode(encoded: EncodedTensor): tf.Tensor {
  return tf.tensor(valuesOf(encoded), encoded.shape, 'float32');
}

function numbers(tensor: tf.Tensor): number[] {
  return [...tensor.dataSync()];
}

/** The largest difference, in parts of the largest expected entry. */
function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  const [differences, sizes] = [Array.from(expected), Array.from(expected, Math.abs)];
  const largest = Math.max(...differences.map((value, index) => Math.abs(value - actual[index]!)));
  return largest / Math.max(...sizes, Number.MIN_VALUE);
}

describe('fusedLayers()', () => {
  it('gives undefined where the backend in use lacks the kernels', async () => {
    kernels.uninstall();
    expect(fusedLayers(tf)).toBeUndefined();
    kernels = installTrainingKernels(tf);
    expect(fusedLayers(tf)).toBeDefined();
    await tf.setBackend('cpu');
    expect(fusedLayers(tf)).toBeUndefined();
    await tf.setBackend('wasm');
    expect(fusedLayers(tf)).toBeDefined();
  });
});

/** A layer's value, and its gradients by name for a gradient of the value. */
interface Run {
  readonly value: tf.Tensor;
  readonly gradients: (dy: tf.Tensor) => Record<string, tf.Tensor>;
}

type NamedTensors = Record<string, tf.Tensor>;

function runLayerNorm({ x, weight, bias }: NamedTensors, epsilon: number): Run {
  const { value, ...saved } = layers.layerNorm(x!, { weight: weight!, bias: bias!, epsilon });
  return {
    value,
    gradients: (dy) => {
      const gradients = layers.layerNormGradient({ dy, x: x!, weight: weight!, ...saved });
      return { x: gradients.dx, weight: gradients.dWeight, bias: gradients.dBias };
    },
  };
}

interface Example {
  readonly name: string;
  readonly fixture: LayerCase;
  readonly run: (inputs: NamedTensors) => Run;
  readonly reference?: Reference;
}

const examples: Example[] = [
  ...layerFixtures.layer_norm.map((fixture) => ({
    name: `layerNorm() of [${fixture.value.shape.join(', ')}]`,
    fixture,
    run: (inputs: NamedTensors) => runLayerNorm(inputs, fixture.epsilon),
    reference: layerNormReference(fixture.epsilon),
  })),
  ...layerFixtures.attention.map((fixture) => ({
    name: `attention() ${JSON.stringify(fixture.options)}`,
    fixture,
    run: ({ packed }: NamedTensors): Run => {
      const { value, probabilities } = layers.attention(packed!, fixture.options);
      return {
        value,
        gradients: (dy) => ({
          packed: layers.attentionGradient({ dy, packed: packed!, probabilities }, fixture.options),
        }),
      };
    },
    reference: attentionReference(fixture.options),
  })),
  ...layerFixtures.cross_entropy.map((fixture) => ({
    name: `crossEntropySum() for the targets ${fixture.targets.join(', ')}`,
    fixture,
    run: ({ logits }: NamedTensors): Run => {
      const labels = {
        targets: tf.tensor1d(fixture.targets, 'int32'),
        weights: decode(fixture.weights),
      };
      const { value, probabilities } = layers.crossEntropySum(logits!, labels);
      return {
        value,
        gradients: (dy) => ({
          logits: layers.crossEntropyGradient({ dy, probabilities, ...labels }),
        }),
      };
    },
    reference: crossEntropyReference(Int32Array.from(fixture.targets), valuesOf(fixture.weights)),
  })),
  ...layerFixtures.gelu.map((fixture) => ({
    name: `gelu() by ${fixture.form} of [${fixture.value.shape.join(', ')}]`,
    fixture,
    run: ({ x }: NamedTensors): Run => {
      const { value, derivative } = layers.gelu(x!, fixture.form);
      return { value, gradients: (dy) => ({ x: tf.mul(dy, derivative) }) };
    },
  })),
];

describe('the fused layers against PyTorch', () => {
  it.each(examples.map((one) => [one.name, one] as const))('%s', (_, { fixture, run }) => {
    const inputs = Object.fromEntries(
      Object.entries(fixture.inputs).map(([name, tensor]) => [name, decode(tensor)]),
    );
    const { value, gradients } = run(inputs);
    expect(value.shape).toEqual(fixture.value.shape);
    expect(relativeError(numbers(value), valuesOf(fixture.value))).toBeLessThan(VALUE_TOLERANCE);
    const actual = gradients(decode(fixture.upstream));
    expect(Object.keys(actual).sort()).toEqual(Object.keys(fixture.gradients).sort());
    for (const [name, expected] of Object.entries(fixture.gradients)) {
      expect(actual[name]!.shape).toEqual(expected.shape);
      const error = relativeError(numbers(actual[name]!), valuesOf(expected));
      expect({ name, isClose: error < GRADIENT_TOLERANCE, error }).toMatchObject({ isClose: true });
    }
  });
});

describe('the gradients of the fused layers against central differences in float64', () => {
  const small = examples.filter(({ fixture, reference }) => {
    return reference !== undefined && valuesOf(fixture.value).length < 200;
  });
  it.each(small.map((one) => [one.name, one] as const))('%s', (_, { fixture, run, reference }) => {
    const values = Object.fromEntries(
      Object.entries(fixture.inputs).map(([name, tensor]) => [
        name,
        Float64Array.from(valuesOf(tensor)),
      ]),
    );
    const expected = centralDifferences(reference!, values, valuesOf(fixture.upstream));
    const inputs = Object.fromEntries(
      Object.entries(fixture.inputs).map(([name, tensor]) => [name, decode(tensor)]),
    );
    const actual = run(inputs).gradients(decode(fixture.upstream));
    for (const [name, gradient] of Object.entries(expected)) {
      const error = relativeError(numbers(actual[name]!), gradient);
      expect({ name, isClose: error < GRADIENT_TOLERANCE, error }).toMatchObject({ isClose: true });
    }
  });
});

describe('softmax and log-softmax', () => {
  const logSoftmax = (logits: tf.Tensor, axis = logits.rank - 1): tf.Tensor =>
    tf.engine().runKernel('LogSoftmax', { logits }, { axis });

  it.each([[[5]], [[2, 3, 4]], [[2, 1, 3, 7]], [[3, 1]]])(
    'serve tensors of shape %p as the reference backend does',
    async (shape) => {
      const values = Array.from(
        { length: shape.reduce((product, extent) => product * extent, 1) },
        (_, index) => ((index * 7) % 11) / 2 - 3,
      );
      const own = [tf.softmax, logSoftmax].map((operation) => operation(tf.tensor(values, shape)));
      expect(own.map((tensor) => tensor.shape)).toEqual([shape, shape]);
      const actual = own.map(numbers);
      await tf.setBackend('cpu');
      const expected = [tf.softmax, tf.logSoftmax].map((operation) =>
        numbers(operation(tf.tensor(values, shape))),
      );
      await tf.setBackend('wasm');
      actual.forEach((one, index) =>
        expect(relativeError(one, expected[index]!)).toBeLessThan(VALUE_TOLERANCE),
      );
    },
  );

  it.each([[[0, 4]], [[3, 0]], [[0]]])('give an empty tensor for one of shape %p', (shape) => {
    for (const operation of [tf.softmax, logSoftmax]) {
      expect(operation(tf.zeros(shape)).shape).toEqual(shape);
    }
  });

  it('stay finite for logits of any size, and give nothing to what is infinitely unlikely', () => {
    const logits = tf.tensor2d([
      [3e38, -3e38, 0],
      [-3e38, -3e38, -3e38],
      [-Infinity, 0, 0],
    ]);
    expect(numbers(tf.softmax(logits).slice(0, 1))).toEqual([1, 0, 0]);
    expect(numbers(tf.softmax(logits).slice(1, 1))).toEqual(
      [1, 1, 1].map((x) => Math.fround(x / 3)),
    );
    expect(numbers(tf.softmax(logits).slice(2, 1))).toEqual([0, 0.5, 0.5]);
    expect(numbers(logSoftmax(logits))[6]).toBe(-Infinity);
  });

  it.each([
    ['NaN', [NaN, 1, 2, 3, 4, 5, 6, 7, 8]],
    ['NaN', [0, 1, 2, 3, 4, NaN, 6, 7, 8]],
    ['infinity', [0, Infinity, 2]],
    ['minus infinity alone', [-Infinity, -Infinity]],
  ])('give NaN in every entry of a row with %s, and in no other row', (_, row) => {
    const logits = tf.tensor2d([row, row.map(() => 0)]);
    for (const operation of [tf.softmax, logSoftmax]) {
      const isNotANumber = numbers(operation(logits)).map(Number.isNaN);
      expect(isNotANumber).toEqual([...row.map(() => true), ...row.map(() => false)]);
    }
  });

  it('refuse another axis than the last, which tfjs does not ask for', () => {
    expect(() => logSoftmax(tf.zeros([2, 3]), 0)).toThrow(TypeError);
  });
});

describe('the fused layers at the edges', () => {
  const labelsOf = (targets: number[], weights: number[]) => ({
    targets: tf.tensor1d(targets, 'int32'),
    weights: tf.tensor1d(weights),
  });

  it('layerNorm() takes no rows, and its gradients are zero then', () => {
    const [x, weight] = [tf.zeros([0, 3]), tf.ones([3])];
    const norm = layers.layerNorm(x, { weight, bias: weight, epsilon: 1e-6 });
    expect([norm.value.shape, norm.mean.shape]).toEqual([[0, 3], [0]]);
    const { mean, inverseDeviation } = norm;
    const gradients = layers.layerNormGradient({ dy: x, x, weight, mean, inverseDeviation });
    expect(gradients.dx.shape).toEqual([0, 3]);
    expect(numbers(gradients.dWeight)).toEqual([0, 0, 0]);
    expect(numbers(gradients.dBias)).toEqual([0, 0, 0]);
  });

  it('layerNorm() of one column, and of a row of equal entries, is the bias', () => {
    const bias = tf.tensor1d([7]);
    const options = { weight: tf.tensor1d([3]), bias, epsilon: 1e-6 };
    expect(numbers(layers.layerNorm(tf.tensor2d([[5], [-2]]), options).value)).toEqual([7, 7]);
  });

  it('layerNorm() gives NaN for a row with NaN or infinity, and for no other', () => {
    const options = { weight: tf.ones([2]), bias: tf.zeros([2]), epsilon: 1e-6 };
    const x = tf.tensor2d([[1, NaN], [1, 1], [Infinity, 1]]); // prettier-ignore
    expect(numbers(layers.layerNorm(x, options).value)).toEqual([NaN, NaN, 0, 0, NaN, NaN]);
  });

  it.each([
    [0, 3],
    [2, 0],
  ])('attention() takes %p sequences of %p positions', (batch, length) => {
    const options = { batch, length, heads: 2, isCausal: true };
    const packed = tf.zeros([0, 12]);
    const { value, probabilities } = layers.attention(packed, options);
    expect(value.shape).toEqual([0, 4]);
    expect(probabilities.shape).toEqual([batch * 2, length, length]);
    const dPacked = layers.attentionGradient({ dy: value, packed, probabilities }, options);
    expect(dPacked.shape).toEqual([0, 12]);
  });

  it('attention() of one position is its value', () => {
    const packed = tf.tensor2d([[1, 2, 3, 4, 5, 6]]);
    const options = { batch: 1, length: 1, heads: 2, isCausal: false };
    const { value, probabilities } = layers.attention(packed, options);
    expect(numbers(value)).toEqual([5, 6]);
    expect(numbers(probabilities)).toEqual([1, 1]);
  });

  it('attention() gives exactly 0 to later positions if it is causal, whatever was there before', () => {
    const options = { batch: 2, length: 37, heads: 2, isCausal: true };
    tf.tidy(() => tf.fill([4 * 37 * 37], NaN));
    const { probabilities } = layers.attention(tf.randomUniform([74, 24], -1, 1), options);
    const later = numbers(probabilities).filter(
      (_, index) => index % 37 > Math.floor(index / 37) % 37,
    );
    expect(later).toHaveLength((4 * 37 * 36) / 2);
    expect(later.every((probability) => Object.is(probability, 0))).toBe(true);
  });

  it('attention() gives NaN where a query has NaN, and at no other position', () => {
    const packed = tf.tensor2d([[NaN, 1, 2], [3, 4, 5]]); // prettier-ignore
    const options = { batch: 1, length: 2, heads: 1, isCausal: false };
    const value = numbers(layers.attention(packed, options).value);
    expect(value.map(Number.isNaN)).toEqual([true, false]);
  });

  it('crossEntropySum() ignores a row without a target, even one of NaN', () => {
    const labels = labelsOf([-1, 0], [NaN, 2]);
    const logits = tf.tensor2d([[NaN, NaN], [0, 0]]); // prettier-ignore
    const { value, probabilities } = layers.crossEntropySum(logits, labels);
    expect(numbers(value)[0]).toBeCloseTo(2 * Math.LN2, 6);
    const dLogits = layers.crossEntropyGradient({ dy: tf.scalar(1), probabilities, ...labels });
    expect(numbers(dLogits)).toEqual([0, 0, -1, 1]);
  });

  it('crossEntropySum() stays finite for logits of any size', () => {
    const logits = tf.tensor2d([[1e30, -1e30, 0]]);
    const right = layers.crossEntropySum(logits, labelsOf([0], [1]));
    const wrong = layers.crossEntropySum(logits, labelsOf([1], [1]));
    expect(numbers(right.value)).toEqual([0]);
    expect(numbers(wrong.value)).toEqual([Math.fround(2e30)]);
  });

  it('crossEntropySum() of no rows is 0', () => {
    const labels = { targets: tf.zeros([0], 'int32'), weights: tf.zeros([0]) };
    const { value, probabilities } = layers.crossEntropySum(tf.zeros([0, 4]), labels);
    expect(numbers(value)).toEqual([0]);
    const dy = tf.scalar(1);
    expect(layers.crossEntropyGradient({ dy, probabilities, ...labels }).shape).toEqual([0, 4]);
  });

  it('columnSums() of no rows are 0, and of no columns are none', () => {
    expect(numbers(layers.columnSums(tf.zeros([0, 3])))).toEqual([0, 0, 0]);
    expect(numbers(layers.columnSums(tf.zeros([3, 0])))).toEqual([]);
  });
});

describe('the fused layers refuse', () => {
  const labels = (targets: number[], count = targets.length) => ({
    targets: tf.tensor1d(targets, 'int32'),
    weights: tf.ones([count]),
  });
  const heads = { batch: 2, length: 3, heads: 2, isCausal: false };

  it.each<[string, () => unknown]>([
    ['a vector to normalise', () => norm(tf.zeros([4]))],
    ['a weight of another size', () => norm(tf.zeros([2, 4]), { weight: tf.ones([3]) })],
    ['a bias of another shape', () => norm(tf.zeros([2, 4]), { bias: tf.ones([1, 4]) })],
    [
      'packed rows that are not batch times length',
      () => layers.attention(tf.zeros([5, 12]), heads),
    ],
    ['a width that is no multiple of three', () => layers.attention(tf.zeros([6, 13]), heads)],
    ['a width that heads do not divide', () => layers.attention(tf.zeros([6, 9]), heads)],
    ['no columns', () => layers.attention(tf.zeros([6, 0]), heads)],
    ['no heads', () => layers.attention(tf.zeros([6, 12]), { ...heads, heads: 0 })],
    ['half a head', () => layers.attention(tf.zeros([6, 12]), { ...heads, heads: 0.5 })],
    [
      'a negative length',
      () => layers.attention(tf.zeros([6, 12]), { ...heads, batch: -2, length: -3 }),
    ],
    ['probabilities of another shape', () => gradient({ probabilities: tf.zeros([4, 3, 2]) })],
    ['a gradient of another shape', () => gradient({ dy: tf.zeros([6, 12]) })],
    ['a target that is no class', () => layers.crossEntropySum(tf.zeros([2, 3]), labels([0, 3]))],
    ['a target below -1', () => layers.crossEntropySum(tf.zeros([2, 3]), labels([0, -2]))],
    ['too few targets', () => layers.crossEntropySum(tf.zeros([2, 3]), labels([0]))],
    ['too many weights', () => layers.crossEntropySum(tf.zeros([2, 3]), labels([0, 1], 3))],
    ['a target that is no class, backwards', () => crossEntropyGradient([0, 3])],
    ['a gradient of a sum that is no scalar', () => crossEntropyGradient([0, 1], tf.zeros([2]))],
    ['columns of a tensor of rank 3', () => layers.columnSums(tf.zeros([2, 3, 4]))],
  ])('%s (RangeError)', (_, call) => {
    const before = tf.memory().numTensors;
    expect(() => tf.tidy(() => void call())).toThrow(RangeError);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each<[string, () => unknown]>([
    ['whole numbers to normalise', () => norm(tf.zeros([2, 4], 'int32'))],
    ['whole numbers to attend to', () => layers.attention(tf.zeros([6, 12], 'int32'), heads)],
    ['whole numbers to sum', () => layers.columnSums(tf.zeros([2, 3], 'int32'))],
    [
      'targets that are not int32',
      () =>
        layers.crossEntropySum(tf.zeros([1, 2]), { targets: tf.zeros([1]), weights: tf.ones([1]) }),
    ],
    ['a call without an input', () => tf.engine().runKernel('PixelisColumnSums', {})],
    [
      'a call without a number',
      () =>
        tf.engine().runKernel('PixelisLayerNorm', {
          x: tf.zeros([1, 1]),
          weight: tf.ones([1]),
          bias: tf.ones([1]),
        }),
    ],
  ])('%s (TypeError)', (_, call) => {
    expect(() => call()).toThrow(TypeError);
  });

  function norm(x: tf.Tensor, parameters: NamedTensors = {}): unknown {
    const [weight, bias] = [tf.ones([4]), tf.ones([4])];
    return layers.layerNorm(x, { weight, bias, epsilon: 1e-6, ...parameters });
  }

  function gradient(changed: NamedTensors): unknown {
    const inputs = {
      dy: tf.zeros([6, 4]),
      packed: tf.zeros([6, 12]),
      probabilities: tf.zeros([4, 3, 3]),
    };
    return layers.attentionGradient({ ...inputs, ...changed }, heads);
  }

  function crossEntropyGradient(targets: number[], dy: tf.Tensor = tf.scalar(1)): unknown {
    return layers.crossEntropyGradient({ dy, probabilities: tf.zeros([2, 3]), ...labels(targets) });
  }
});

describe('the memory of the fused layers', () => {
  const heap = () => asWasmBackend(tf.backend()).wasm.asm.memory.buffer.byteLength;

  function step(length: number): void {
    tf.tidy(() => {
      const options = { batch: 2, length, heads: 2, isCausal: true };
      const packed = tf.ones([2 * length, 24]);
      const { value, probabilities } = layers.attention(packed, options);
      const labels = { targets: tf.zeros([2 * length], 'int32'), weights: tf.ones([2 * length]) };
      const loss = layers.crossEntropySum(value, labels);
      const dy = layers.crossEntropyGradient({
        dy: tf.scalar(1),
        probabilities: loss.probabilities,
        ...labels,
      });
      const norm = runLayerNorm({ x: value, weight: tf.ones([8]), bias: tf.ones([8]) }, 1e-6);
      norm.gradients(dy);
      layers.attentionGradient({ dy, packed, probabilities }, options);
      tf.softmax(layers.columnSums(value));
    });
  }

  it('is that of their results: tensors and the heap stay as they are over many steps', () => {
    for (const length of [3, 40, 64]) step(length);
    const before = { ...tf.memory(), heap: heap() };
    for (let index = 0; index < 200; index++) step(1 + (index % 64));
    expect({ ...tf.memory(), heap: heap() }).toEqual(before);
  });

  it('counts nothing but the results', () => {
    const packed = tf.ones([64, 24]);
    const before = tf.memory();
    const { value, probabilities } = layers.attention(packed, {
      batch: 1,
      length: 64,
      heads: 2,
      isCausal: false,
    });
    expect(tf.memory().numTensors).toBe(before.numTensors + 2);
    expect(tf.memory().numBytes).toBe(before.numBytes + 4 * (value.size + probabilities.size));
  });

  it('may grow the heap in the middle of a call', () => {
    const before = heap();
    // More probabilities than the heap has room for.
    const length = Math.ceil(Math.sqrt(before / Float32Array.BYTES_PER_ELEMENT)) + 1;
    const options = { batch: 1, length, heads: 1, isCausal: false };
    const packed = tf.randomUniform([length, 3], -1, 1, 'float32', 7);
    const run = (): number[] =>
      tf.tidy(() => {
        const { value, probabilities } = layers.attention(packed, options);
        const dPacked = layers.attentionGradient({ dy: value, packed, probabilities }, options);
        return [...numbers(value), ...numbers(dPacked)];
      });
    const first = run();
    expect(heap()).toBeGreaterThan(before);
    expect(run()).toEqual(first);
  });
});

describe('a layer made of a pair by tf.customGrad', () => {
  // In its own tests tfjs takes whatever a layer saves for a leak.
  beforeEach(() => tf.env().set('IS_TEST', false));
  afterEach(() => tf.env().set('IS_TEST', true));

  it('has the gradients of the composed layer', () => {
    const epsilon = 1e-6;
    const layerNorm = (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor =>
      tf.customGrad((...inputsAndSave) => {
        const norm = layers.layerNorm(x, { weight, bias, epsilon });
        const save = inputsAndSave.at(-1);
        if (typeof save === 'function') save([x, weight, norm.mean, norm.inverseDeviation]);
        return {
          value: norm.value,
          gradFunc: (dy, saved) => {
            const [keptX, keptWeight, mean, inverseDeviation] = saved;
            const { dx, dWeight, dBias } = layers.layerNormGradient({
              dy,
              x: keptX!,
              weight: keptWeight!,
              mean: mean!,
              inverseDeviation: inverseDeviation!,
            });
            return [dx, dWeight, dBias];
          },
        };
      })(x, weight, bias);
    const composed = (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor => {
      const { mean, variance } = tf.moments(x, 1, true);
      return tf.add(
        tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon))), weight),
        bias,
      );
    };
    const inputs = [[6, 5], [5], [5]].map((shape, index) =>
      tf.randomUniform(shape, -2, 2, 'float32', index + 1),
    );
    const gradients = [layerNorm, composed].map((layer) =>
      tf
        .grads((x, weight, bias) => tf.sum(tf.square(layer(x, weight, bias))))(inputs)
        .map(numbers),
    );
    gradients[0]!.forEach((gradient, index) =>
      expect(relativeError(gradient, gradients[1]![index]!)).toBeLessThan(GRADIENT_TOLERANCE),
    );
  });
});
