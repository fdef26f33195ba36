import * as tf from '@tensorflow/tfjs';
import { setBackend } from '../../test/support/backends';
import { addPositions } from './add-positions';
import { attention } from './attention';
import { crossEntropySum } from './cross-entropy';
import { embedding } from './embedding';
import { asRows } from './rows';
import { selectRows } from './select-rows';

beforeAll(() => setBackend('cpu'));

describe('attention()', () => {
  it.each([
    [[4, 12], 3, 2],
    [[6, 13], 3, 2],
    [[6, 12], 3, 3],
  ])(
    'refuses queries, keys and values of shape %p for length %p and %p heads',
    (shape, length, heads) => {
      const options = { batch: 2, length, heads, isCausal: false };
      expect(() => attention(tf.zeros(shape), options)).toThrow(RangeError);
    },
  );
});

describe('crossEntropySum()', () => {
  it.each([
    [[0], [1, 1]],
    [[0, 1], [1]],
    [
      [0, 3],
      [1, 1],
    ],
    [
      [0, -2],
      [1, 1],
    ],
  ])('refuses targets %p with weights %p for two rows of three classes', (targets, weights) => {
    expect(() =>
      crossEntropySum(tf.zeros([2, 3]), {
        targets: Int32Array.from(targets),
        weights: Float32Array.from(weights),
      }),
    ).toThrow(RangeError);
  });

  it('stays finite for logits of any size', async () => {
    const loss = crossEntropySum(tf.tensor2d([[1e30, -1e30, 0]]), {
      targets: Int32Array.of(0),
      weights: Float32Array.of(1),
    });
    expect([...(await loss.data())]).toEqual([0]);
  });
});

describe('embedding()', () => {
  it.each([2, -2])('refuses the id %p of a table of two', (id) => {
    expect(() => embedding(tf.zeros([2, 3]), Int32Array.of(id))).toThrow(RangeError);
  });
});

describe('selectRows()', () => {
  it.each([[[2]], [[-2]], [[0, 0]]])('refuses the indices %p of two rows', (indices) => {
    expect(() => selectRows(tf.zeros([2, 3]), Int32Array.from(indices))).toThrow(RangeError);
  });
});

describe('addPositions()', () => {
  it('refuses sequences longer than the table', () => {
    const table = tf.zeros([2, 3]);
    expect(() => addPositions(tf.zeros([3, 3]), { table, batch: 1, length: 3 })).toThrow(
      RangeError,
    );
  });
});

describe('asRows()', () => {
  it('refuses a scalar', () => {
    expect(() => asRows(tf.scalar(1))).toThrow(RangeError);
  });
});
