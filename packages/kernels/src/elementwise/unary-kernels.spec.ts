import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';

import { type InstalledKernels, installTrainingKernels } from '../index';

describe('unary kernels', () => {
  let installed: InstalledKernels;

  beforeAll(() => tf.env().set('IS_TEST', true));
  beforeEach(async () => {
    await tf.setBackend('wasm');
    installed = installTrainingKernels(tf);
  });
  afterEach(() => installed.uninstall());

  it('keep the shape, also of a scalar and of an empty tensor', () => {
    expect(tf.exp(tf.zeros([2, 3, 4])).shape).toEqual([2, 3, 4]);
    expect(tf.exp(tf.scalar(0)).arraySync()).toBe(1);
    expect(tf.exp(tf.zeros([0, 3])).shape).toEqual([0, 3]);
  });

  it('leave integers to tfjs', () => {
    const x = tf.tensor1d([-2, 0, 3], 'int32');
    const [negated, size] = [tf.neg(x), tf.abs(x)];
    expect([negated.dtype, size.dtype]).toEqual(['int32', 'int32']);
    expect([...negated.dataSync()]).toEqual([2, 0, -3]);
    expect([...size.dataSync()]).toEqual([2, 0, 3]);
  });

  it('round halves to the even integer', () => {
    const x = tf.tensor1d([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]);
    expect([...tf.round(x).dataSync()]).toEqual([-2, -2, -0, 0, 2, 2]);
  });

  it.each<[string, (x: tf.Tensor) => tf.Tensor]>([
    ['abs', (x) => tf.abs(x)],
    ['clipByValue', (x) => tf.clipByValue(x, -1, 1)],
    ['elu', (x) => tf.elu(x)],
    ['erf', (x) => tf.erf(x)],
    ['exp', (x) => tf.exp(x)],
    ['expm1', (x) => tf.expm1(x)],
    ['leakyRelu', (x) => tf.leakyRelu(x, 0.1)],
    ['log', (x) => tf.log(tf.abs(x))],
    ['log1p', (x) => tf.log1p(tf.abs(x))],
    ['reciprocal', (x) => tf.reciprocal(x)],
    ['relu', (x) => tf.relu(x)],
    ['relu6', (x) => tf.relu6(x)],
    ['rsqrt', (x) => tf.rsqrt(tf.abs(x))],
    ['selu', (x) => tf.selu(x)],
    ['sigmoid', (x) => tf.sigmoid(x)],
    ['softplus', (x) => tf.softplus(x)],
    ['sqrt', (x) => tf.sqrt(tf.abs(x))],
    ['square', (x) => tf.square(x)],
    ['tanh', (x) => tf.tanh(x)],
  ])('%s has the value and the gradient of the reference backend', async (_, apply) => {
    const points = Array.from({ length: 61 }, (_, index) => (index - 30) / 4 + 0.1);
    const both = () =>
      tf.tidy(() => {
        const { value, grad } = tf.valueAndGrad((x) => apply(x).sum())(tf.tensor1d(points));
        return [...apply(tf.tensor1d(points)).dataSync(), ...value.dataSync(), ...grad.dataSync()];
      });
    const actual = both();
    await tf.setBackend('cpu');
    const expected = both();
    expect(actual).toHaveLength(expected.length);
    actual.forEach((one, index) => {
      const size = Math.max(1, Math.abs(expected[index]!));
      expect(Math.abs(one - expected[index]!) / size).toBeLessThan(1e-5);
    });
  });
});
