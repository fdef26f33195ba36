import * as fc from 'fast-check';

import { anyFinite } from '../test/curriculum-arbitraries';
import { movingAverage } from './moving-average';

const window = (value: fc.Arbitrary<number>) => fc.array(value, { minLength: 1, maxLength: 20 });

describe('movingAverage', () => {
  it('lies between the smallest and the largest value, huge ones included', () => {
    fc.assert(
      fc.property(window(anyFinite), (values) => {
        const mean = movingAverage(values);
        expect(mean).toBeGreaterThanOrEqual(Math.min(...values));
        expect(mean).toBeLessThanOrEqual(Math.max(...values));
      }),
    );
  });

  it('gives equal values back unchanged', () => {
    fc.assert(
      fc.property(anyFinite, fc.integer({ min: 1, max: 50 }), (value, count) => {
        expect(movingAverage(Array<number>(count).fill(value))).toBe(value + 0);
      }),
    );
  });

  it('is within one unit in the last place of the exact mean of decimal metrics', () => {
    const decimal = fc.integer({ min: 1, max: 1000 }).map((thousandths) => thousandths / 1000);
    fc.assert(
      fc.property(window(decimal), (values) => {
        // Every double in [0.001, 1] is a whole number of 2^-62, so that these sums are exact.
        const units = values.reduce((sum, value) => sum + BigInt(value * 2 ** 62), 0n);
        const mean = movingAverage(values);
        const errorUnits = BigInt(mean * 2 ** 62) * BigInt(values.length) - units;
        const ulpUnits = 2 ** 62 * 2 ** (Math.floor(Math.log2(mean)) - 52);
        expect(Math.abs(Number(errorUnits)) / values.length).toBeLessThanOrEqual(ulpUnits);
      }),
    );
  });
});

describe('movingAverage of a few decimals', () => {
  it.each([
    [[0.7, 0.7, 0.7], 0.7],
    [[0.6, 0.7, 0.8], 0.7],
    [[0.1, 0.2, 0.3], 0.2],
    [[0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9], 0.9],
  ])('of %j is %d, which a plain sum misses', (values, mean) => {
    expect(movingAverage(values)).toBe(mean);
  });

  it('turns -0 into 0', () => {
    expect(movingAverage([-0, -0])).toBe(0);
  });
});
