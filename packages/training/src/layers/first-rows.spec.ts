import * as tf from '@tensorflow/tfjs';
import { BACKENDS, setBackend } from '../../test/support/backends';
import { valueAndGradients } from '../../test/support/tensors';
import { firstRows } from './first-rows';

describe.each(BACKENDS)('firstRows() on %s', (backend) => {
  beforeAll(() => setBackend(backend));

  it('gives the first row of each sequence, and its gradient back to that row alone', async () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [6, 2]);
    const upstream = tf.tensor2d([10, 20, 30, 40], [2, 2]);
    const { value, gradients } = await valueAndGradients(
      ({ rows }) => firstRows(rows!, { batch: 2, length: 3 }),
      { rows: x },
      upstream,
    );

    expect([...value]).toEqual([1, 2, 7, 8]);
    expect([...gradients['rows']!]).toEqual([10, 20, 0, 0, 0, 0, 30, 40, 0, 0, 0, 0]);
    tf.dispose([x, upstream]);
  });
});
