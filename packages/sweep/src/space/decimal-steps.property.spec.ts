import * as fc from 'fast-check';

import { DecimalSteps } from './decimal-steps';

/** A bound and a step that a person writes: few digits, and decimal places that lie near to each other. */
const pairs = fc
  .record({
    digits: fc.integer({ min: -9999, max: 9999 }),
    stepDigits: fc.integer({ min: 1, max: 9999 }),
    exponent: fc.integer({ min: -12, max: 8 }),
    distance: fc.integer({ min: -3, max: 3 }),
  })
  .map(({ digits, stepDigits, exponent, distance }) => ({
    low: Number(`${digits}e${exponent}`),
    step: Number(`${stepDigits}e${exponent + distance}`),
  }));

describe('DecimalSteps', () => {
  it('counts every step up to the upper bound and none beyond', () => {
    fc.assert(
      fc.property(pairs, fc.nat(1000), ({ low, step }, index) => {
        const upper = new DecimalSteps({ low, high: low + 1001 * step, step }).at(index);
        const steps = new DecimalSteps({ low, high: upper, step });
        expect(steps.count).toBe(index + 1);
        expect(steps.at(index)).toBe(upper);
        expect(steps.at(0)).toBe(low + 0);
      }),
    );
  });

  it('is within rounding of low + index · step', () => {
    fc.assert(
      fc.property(pairs, fc.nat(1000), ({ low, step }, index) => {
        const value = new DecimalSteps({ low, high: low + 2000 * step, step }).at(index);
        const size = Math.abs(low) + index * step;
        expect(Math.abs(value - (low + index * step))).toBeLessThanOrEqual(size * 2 ** -50);
      }),
    );
  });
});
