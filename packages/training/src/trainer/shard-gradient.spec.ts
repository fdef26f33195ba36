import * as tf from '@tensorflow/tfjs';
import { setBackend } from '../../test/support/backends';
import { numbers } from '../../test/support/tensors';
import { squares, type SquaresShard, squaresSpecs } from '../../test/support/squares-objective';
import { ParameterLayout, type ParameterSpec } from '../parameters';
import { shardGradient } from './shard-gradient';

const layout = new ParameterLayout(squaresSpecs);

describe('shardGradient()', () => {
  beforeAll(() => setBackend('wasm with kernels'));

  it('gives the loss sum, and its gradient by parameter', async () => {
    const parameters = { slope: tf.tensor1d([2, -1]), bias: tf.scalar(0.5) };
    const shard: SquaresShard = { inputs: [[1, 3]], targets: [1] };

    const { lossSum, gradients } = shardGradient(parameters, { objective: squares, layout, shard });

    // The error is 2·1 − 1·3 + 0.5 − 1 = −1.5.
    expect([...(await numbers(lossSum))]).toEqual([2.25]);
    expect([...(await numbers(gradients['bias']!))]).toEqual([-3]);
    expect([...(await numbers(gradients['slope']!))]).toEqual([-3, -9]);
    tf.dispose([parameters, lossSum, gradients]);
  });

  it('gives zeros for a parameter that the loss does not use', async () => {
    const parameters = { slope: tf.tensor1d([2, -1]), bias: tf.scalar(0.5), spare: tf.ones([3]) };
    const spare: ParameterSpec = {
      shape: [3],
      initializer: { kind: 'constant', value: 1 },
      isDecayed: true,
    };
    const { lossSum, gradients } = shardGradient(parameters, {
      objective: squares,
      layout: new ParameterLayout({ ...squaresSpecs, spare }),
      shard: { inputs: [[1, 3]], targets: [1] },
    });

    expect([...(await numbers(gradients['spare']!))]).toEqual([0, 0, 0]);
    expect([...(await numbers(gradients['bias']!))]).toEqual([-3]);
    tf.dispose([parameters, lossSum, gradients]);
  });

  it('leaves nothing behind but what it gives', () => {
    const parameters = { slope: tf.tensor1d([2, -1]), bias: tf.scalar(0.5) };
    const before = tf.memory().numTensors;

    const given = shardGradient(parameters, {
      objective: squares,
      layout,
      shard: { inputs: [[1, 3]], targets: [1] },
    });

    expect(tf.memory().numTensors).toBe(before + 3);
    tf.dispose([parameters, given.lossSum, given.gradients]);
    expect(tf.memory().numTensors).toBe(before - 2);
  });
});
