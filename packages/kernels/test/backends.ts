import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';

/** What a computation gave: plain values, and −0 as 0. */
export interface Result {
  readonly shape: number[];
  readonly dtype: string;
  readonly values: number[];
}

/** The tensors that `compute` gives on that backend; all tensors that it makes are freed. */
export async function resultsOn(
  backend: 'cpu' | 'wasm',
  compute: () => tf.Tensor | tf.Tensor[],
): Promise<Result[]> {
  await tf.setBackend(backend);
  return tf.tidy(() =>
    [compute()].flat().map((tensor) => ({
      shape: tensor.shape,
      dtype: tensor.dtype,
      values: Array.from(tensor.dataSync(), (value) => value + 0),
    })),
  );
}

/** Expects the same shapes, types and, within `tolerance` of the largest value, values on wasm as on tfjs's plain backend. */
export async function expectParity(
  compute: () => tf.Tensor | tf.Tensor[],
  tolerance = 1e-5,
): Promise<void> {
  const expected = await resultsOn('cpu', compute);
  const actual = await resultsOn('wasm', compute);
  expect(actual.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
    expected.map(({ shape, dtype }) => ({ shape, dtype })),
  );
  expected.forEach(({ values }, index) => {
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    const found = actual[index]!.values;
    values.forEach((value, entry) => {
      const difference = Math.abs(found[entry]! - value);
      // NaN and infinities are the same, or the difference is NaN.
      if (!Object.is(found[entry], value) && !(difference <= tolerance * largest)) {
        expect({ entry, value: found[entry] }).toEqual({ entry, value });
      }
    });
  });
}

/** Numbers that look arbitrary, the same for the same `start`: small integers over 8, whose products are exact. */
export function someNumbers(count: number, start: number): number[] {
  return Array.from(
    { length: count },
    (_, index) => (((index + start) * 37 + start * 11) % 41) / 8 - 2.5,
  );
}
