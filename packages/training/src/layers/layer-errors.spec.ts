import * as tf from '@tensorflow/tfjs';
import { setBackend } from '../../test/support/backends';
import { labelsOf } from '../../test/support/layers';
import { addPositions } from './add-positions';
import { attention } from './attention';
import { crossEntropyLabels, crossEntropySum } from './cross-entropy';
import { oneHotRows } from './embedding';
import { asRows } from './rows';
import { rowSelection } from './select-rows';

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

describe('crossEntropyLabels()', () => {
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
  ])('refuses targets %p with weights %p for three classes', (targets, weights) => {
    const labels = { targets: Int32Array.from(targets), weights: Float32Array.from(weights) };
    expect(() => crossEntropyLabels(labels, 3)).toThrow(RangeError);
  });

  it('gives rows without a target no weight', () => {
    const labels = { targets: Int32Array.of(-1, 2), weights: Float32Array.of(3, 4) };
    expect([...crossEntropyLabels(labels, 3).weights.data]).toEqual([0, 4]);
  });
});

describe('crossEntropySum()', () => {
  it('refuses more or fewer labels than rows', () => {
    const labels = labelsOf({ targets: [0], weights: [1] }, 3);
    expect(() => crossEntropySum(tf.zeros([2, 3]), labels)).toThrow(RangeError);
  });

  it('stays finite for logits of any size', async () => {
    const labels = labelsOf({ targets: [0], weights: [1] }, 3);
    const loss = crossEntropySum(tf.tensor2d([[1e30, -1e30, 0]]), labels);
    expect([...(await loss.data())]).toEqual([0]);
  });
});

describe('oneHotRows()', () => {
  it.each([2, -2])('refuses the id %p of a table of two', (id) => {
    expect(() => oneHotRows(Int32Array.of(id), 2)).toThrow(RangeError);
  });
});

describe('rowSelection()', () => {
  it.each([[[2]], [[-2]], [[0, 0]]])('refuses the indices %p of two rows', (indices) => {
    expect(() => rowSelection(Int32Array.from(indices), 2)).toThrow(RangeError);
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
