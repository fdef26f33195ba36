import * as tf from '@tensorflow/tfjs';
import { BACKENDS, setBackend } from '../../test/support/backends';
import { numbers } from '../../test/support/tensors';
import { ParameterLayout } from '../parameters';
import { shardGradient } from '../trainer/shard-gradient';
import { summedGradientObjective } from './summed-gradient';

const layout = new ParameterLayout({ 'b.loss': { shape: [2, 2] }, a: { shape: [] } });
const objective = summedGradientObjective(layout);
const parameters = () => ({ a: tf.scalar(3), 'b.loss': tf.tensor2d([1, 2, 3, NaN], [2, 2]) });

describe.each(BACKENDS)('summedGradientObjective() on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it('gives the loss and every bit of the gradient that it was given', async () => {
    const gradient = Float32Array.of(-0, 0.1, Infinity, 2 ** -140, -7);
    const before = tf.memory().numTensors;
    const tree = parameters();

    const { lossSum, gradients } = shardGradient(tree, {
      objective,
      layout,
      shard: { lossSum: 1.5, totalWeight: 4, gradient },
    });

    expect([...(await numbers(lossSum))]).toEqual([1.5]);
    expect([...(await numbers(gradients['a']!))]).toEqual([-0]);
    expect(await numbers(gradients['b.loss']!)).toEqual(gradient.slice(1));
    expect(gradients['b.loss']!.shape).toEqual([2, 2]);
    tf.dispose([tree, lossSum, gradients]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('summedGradientObjective()', () => {
  beforeAll(() => setBackend('cpu'));

  it.each([
    [1e39, 3.4028234663852886e38],
    [-1e300, -3.4028234663852886e38],
    [NaN, NaN],
    [-Infinity, -Infinity],
  ])('takes the loss %d for %d, since it is finite where that is', (lossSum, expected) => {
    const inputs = objective.inputs({ lossSum, totalWeight: 1, gradient: new Float32Array(5) });

    expect([...inputs['loss']!.data]).toEqual([expected]);
  });

  it('weighs what all shards weigh', () => {
    const shard = { lossSum: 0, totalWeight: 12.5, gradient: new Float32Array(5) };

    expect(objective.weight(shard)).toBe(12.5);
  });
});
