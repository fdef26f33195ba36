import * as fc from 'fast-check';

import { wilsonInterval } from './index';

const sample = fc
  .oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 2 ** 40 }))
  .chain((trials) =>
    fc.record({ trials: fc.constant(trials), successes: fc.nat({ max: trials }) }),
  );

const confidence = fc.constantFrom(0.9 as const, 0.95 as const, 0.99 as const);

describe('wilsonInterval', () => {
  it('holds the measured share and lies between 0 and 1', () => {
    fc.assert(
      fc.property(sample, confidence, ({ successes, trials }, level) => {
        const { low, high } = wilsonInterval(successes, trials, { confidence: level });
        const share = successes / trials;
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(share);
        expect(high).toBeGreaterThanOrEqual(share);
        expect(high).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is exactly 0 below no success, and exactly 1 above no failure', () => {
    fc.assert(
      fc.property(sample, confidence, ({ trials }, level) => {
        expect(wilsonInterval(0, trials, { confidence: level }).low).toBe(0);
        expect(wilsonInterval(trials, trials, { confidence: level }).high).toBe(1);
      }),
    );
  });

  it('is mirrored when successes and failures change places', () => {
    fc.assert(
      fc.property(sample, ({ successes, trials }) => {
        const { low, high } = wilsonInterval(successes, trials);
        const mirrored = wilsonInterval(trials - successes, trials);
        expect(mirrored.low).toBeCloseTo(1 - high, 14);
        expect(mirrored.high).toBeCloseTo(1 - low, 14);
      }),
    );
  });

  it('has bounds at which the score test just rejects: |p - bound| = z sqrt(bound (1 - bound) / n)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 1000 }).chain((trials) =>
          fc.record({
            trials: fc.constant(trials),
            successes: fc.integer({ min: 1, max: trials - 1 }),
          }),
        ),
        ({ successes, trials }) => {
          const interval = wilsonInterval(successes, trials);
          for (const bound of [interval.low, interval.high]) {
            const error = Math.sqrt((bound * (1 - bound)) / trials);
            expect(Math.abs(successes / trials - bound) / error).toBeCloseTo(1.959963984540054, 10);
          }
        },
      ),
    );
  });

  it('grows with the confidence and shrinks with the trials', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.nat({ max: 1000 }), (trials, more) => {
        const successes = Math.min(more, trials);
        const width = (level: 0.9 | 0.95 | 0.99, times: number) => {
          const { low, high } = wilsonInterval(successes * times, trials * times, {
            confidence: level,
          });
          return high - low;
        };
        expect(width(0.9, 1)).toBeLessThan(width(0.95, 1));
        expect(width(0.95, 1)).toBeLessThan(width(0.99, 1));
        expect(width(0.95, 2)).toBeLessThan(width(0.95, 1));
      }),
    );
  });
});
