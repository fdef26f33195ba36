import { EnvironmentError } from '@pixelis/core';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { tensorValues } from './tensor-values';

describe('tensorValues()', () => {
  beforeAll(() => tf.setBackend('wasm'));

  it('shows the values of a tensor where they lie', async () => {
    const tensor = tf.tensor2d([1.5, -2, 3, 0.1], [2, 2]);

    const values = tensorValues(tf.backend(), tensor);
    expect([...values]).toEqual([1.5, -2, 3, Math.fround(0.1)]);
    values[1] = 7;

    expect([...(await tensor.data())]).toEqual([1.5, 7, 3, Math.fround(0.1)]);
    tensor.dispose();
  });

  it('shows nothing of an empty tensor', () => {
    expect(tensorValues(tf.backend(), tf.zeros([0, 3]))).toHaveLength(0);
  });

  it('refuses a tensor of another type, and another backend', () => {
    expect(() => tensorValues(tf.backend(), tf.tensor1d([1], 'int32'))).toThrow(TypeError);
    expect(() => tensorValues({}, tf.zeros([1]))).toThrow(EnvironmentError);
  });
});
