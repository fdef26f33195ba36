import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { type InstalledKernels, installTrainingKernels } from '../src';
import { someNumbers } from './backends';

const STEPS = 6;

/** A model, and the batch that it is trained on. */
interface Task {
  readonly model: tf.LayersModel;
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
}

describe('models of tf.layers train on wasm as on the plain backend', () => {
  let installed: InstalledKernels;

  beforeAll(async () => {
    tf.env().set('IS_TEST', true);
    await tf.setBackend('wasm');
    installed = installTrainingKernels(tf);
  });
  afterAll(() => installed.uninstall());

  it.each([
    ['a convolutional network', convolutionalNetwork],
    ['a network of depthwise convolutions and batch normalization', depthwiseNetwork],
    ['an LSTM', () => recurrentNetwork(tf.layers.lstm({ units: 7, ...seeds(3) }))],
    ['a GRU', () => recurrentNetwork(tf.layers.gru({ units: 7, ...seeds(3) }))],
    ['a one-dimensional convolution over embeddings', textNetwork],
    ['a transposed convolution and upsampling', decoder],
  ] as const)('%s', async (_name, task) => {
    const expected = await losses('cpu', task);
    const actual = await losses('wasm', task);
    expect(expected.at(-1)).toBeLessThan(expected[0]! * 0.98);
    // Rounding grows from step to step.
    actual.forEach((loss, step) => {
      expect(Math.abs(loss - expected[step]!)).toBeLessThan(2e-4 * expected[step]!);
    });
  });

  it('a transformer of plain operations', async () => {
    const expected = await transformerLosses('cpu');
    const actual = await transformerLosses('wasm');
    expect(expected.at(-1)).toBeLessThan(expected[0]! * 0.9);
    actual.forEach((loss, step) => {
      expect(Math.abs(loss - expected[step]!)).toBeLessThan(2e-4 * expected[step]!);
    });
  });
});

/** The loss before each step. */
async function losses(backend: string, make: () => Task): Promise<number[]> {
  await tf.setBackend(backend);
  const { model, x, y } = make();
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
  const history: number[] = [];
  for (let step = 0; step < STEPS; step++) history.push(Number(await model.trainOnBatch(x, y)));
  tf.dispose([x, y]);
  model.dispose();
  return history;
}

function seeds(seed: number) {
  return {
    kernelInitializer: tf.initializers.glorotUniform({ seed }),
    recurrentInitializer: tf.initializers.glorotUniform({ seed: seed + 1 }),
  };
}

function kernel(seed: number) {
  return { kernelInitializer: tf.initializers.glorotUniform({ seed }) };
}

function numbers(...shape: number[]): tf.Tensor {
  return tf.tensor(someNumbers(tf.util.sizeFromShape(shape), 3), shape).div(4);
}

function convolutionalNetwork(): Task {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [14, 14, 2], filters: 6, kernelSize: 5, activation: 'relu', ...kernel(1) }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'tanh', ...kernel(2) }),
      tf.layers.averagePooling2d({ poolSize: 2, strides: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 9, activation: 'elu', ...kernel(3) }),
      tf.layers.dense({ units: 4, activation: 'softmax', ...kernel(4) }),
    ],
  });
  return { model, x: numbers(8, 14, 14, 2), y: tf.oneHot([0, 1, 2, 3, 0, 1, 2, 3], 4) };
} // prettier-ignore

function depthwiseNetwork(): Task {
  const model = tf.sequential({
    layers: [
      tf.layers.zeroPadding2d({ inputShape: [8, 8, 3], padding: 1 }),
      tf.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, depthwiseInitializer: tf.initializers.glorotUniform({ seed: 1 }) }),
      tf.layers.batchNormalization(),
      tf.layers.conv2d({ filters: 5, kernelSize: 1, ...kernel(2) }),
      tf.layers.leakyReLU(),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: 2, ...kernel(4) }),
    ],
  });
  return { model, x: numbers(6, 8, 8, 3), y: numbers(6, 2) };
} // prettier-ignore

function recurrentNetwork(layer: tf.RNN): Task {
  const model = tf.sequential({
    layers: [
      tf.layers.embedding({ inputDim: 11, outputDim: 5, inputLength: 6, embeddingsInitializer: tf.initializers.randomUniform({ minval: -1, maxval: 1, seed: 5 }) }),
      layer,
      tf.layers.dense({ units: 3, ...kernel(4) }),
    ],
  });
  return { model, x: tokens(8, 6), y: numbers(8, 3) };
} // prettier-ignore

function textNetwork(): Task {
  const model = tf.sequential({
    layers: [
      tf.layers.embedding({ inputDim: 11, outputDim: 5, inputLength: 9, embeddingsInitializer: tf.initializers.randomUniform({ minval: -1, maxval: 1, seed: 5 }) }),
      tf.layers.conv1d({ filters: 6, kernelSize: 3, activation: 'relu', ...kernel(1) }),
      tf.layers.globalMaxPooling1d({}),
      tf.layers.dense({ units: 3, ...kernel(4) }),
    ],
  });
  return { model, x: tokens(8, 9), y: numbers(8, 3) };
} // prettier-ignore

/** A batch of one: the plain backend has wrong gradients of upsampling for the other images of a batch. */
function decoder(): Task {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2dTranspose({ inputShape: [4, 4, 3], filters: 4, kernelSize: 3, strides: 2, padding: 'same', ...kernel(1) }),
      tf.layers.upSampling2d({ size: [2, 2] }),
      tf.layers.layerNormalization(),
      tf.layers.conv2d({ filters: 2, kernelSize: 3, activation: 'sigmoid', ...kernel(2) }),
    ],
  });
  return { model, x: numbers(1, 4, 4, 3), y: numbers(1, 14, 14, 2) };
} // prettier-ignore

function tokens(...shape: number[]): tf.Tensor {
  return tf
    .tensor(someNumbers(tf.util.sizeFromShape(shape), 2), shape)
    .mul(8)
    .add(20)
    .mod(11)
    .floor();
}

/** A transformer of one block, by plain operations: embeddings, attention of two heads, layer normalization, a network. */
async function transformerLosses(backend: string): Promise<number[]> {
  await tf.setBackend(backend);
  const [batch, length, dim, heads, words] = [4, 6, 8, 2, 11];
  const ids = tokens(batch, length).toInt();
  const targets = tf.oneHot(ids.reverse(1), words);
  const shapes = { words: [words, dim], places: [length, dim], packed: [dim, 3 * dim], out: [dim, dim], up: [dim, 16], down: [16, dim] };
  const weights = Object.fromEntries(
    Object.entries(shapes).map(([name, shape], index) => [name, tf.variable(tf.randomNormal(shape, 0, 0.3, 'float32', index + 1))]),
  ) as Record<keyof typeof shapes, tf.Variable>;
  const normalized = (x: tf.Tensor) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return x.sub(mean).div(variance.add(1e-5).sqrt());
  };
  const split = (x: tf.Tensor) => x.reshape([batch, length, heads, dim / heads]).transpose([0, 2, 1, 3]);
  const loss = () => {
    const x = tf.gather(weights.words, ids).add(weights.places);
    const [q, k, v] = tf.split(normalized(x).reshape([-1, dim]).matMul(weights.packed), 3, 1).map(split) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const scores = q.matMul(k, false, true).div(Math.sqrt(dim / heads));
    const mixed = tf.softmax(scores).matMul(v).transpose([0, 2, 1, 3]).reshape([-1, dim]);
    const attended = x.add(mixed.matMul(weights.out).reshape(x.shape));
    const inner = tf.relu(normalized(attended).reshape([-1, dim]).matMul(weights.up)).matMul(weights.down);
    const logits = normalized(attended.add(inner.reshape(x.shape))).reshape([-1, dim]).matMul(weights.words, false, true);
    return tf.mean(tf.sum(targets.reshape([-1, words]).mul(tf.logSoftmax(logits)), -1)).neg() as tf.Scalar;
  };
  const optimizer = tf.train.adam(0.02);
  const history: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const value = optimizer.minimize(() => loss(), true);
    history.push(value!.dataSync()[0]!);
    value!.dispose();
  }
  tf.dispose([ids, targets, weights]);
  optimizer.dispose();
  return history;
} // prettier-ignore
