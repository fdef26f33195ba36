import * as fc from 'fast-check';

import { rungs, survivors } from './successive-halving';

const factors = fc.integer({ min: 2, max: 5 });
const values = fc.array(
  fc.oneof(fc.constant(null), fc.constant(NaN), fc.integer({ min: -3, max: 3 })),
  { maxLength: 30 },
);
const results = values.map((list) => list.map((value, index) => ({ trial: index + 1, value })));
const directions = fc.constantFrom('min' as const, 'max' as const);

describe('rungs', () => {
  it('rise by the factor at least, from the first comparison to the end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 10_000 }),
        factors,
        (minimumSteps, more, reductionFactor) => {
          const maximumSteps = minimumSteps + more;
          const steps = rungs({ minimumSteps, maximumSteps, reductionFactor });
          expect([steps[0], steps.at(-1)]).toEqual([minimumSteps, maximumSteps]);
          for (let rung = 1; rung < steps.length - 1; rung++) {
            expect(steps[rung]).toBe(steps[rung - 1]! * reductionFactor);
          }
          const last = steps.at(-1)! / steps.at(-2)!;
          expect(last).toBeLessThan(reductionFactor ** 2);
          if (steps.length > 2) expect(last).toBeGreaterThanOrEqual(reductionFactor);
        },
      ),
    );
  });
});

describe('survivors', () => {
  it('do not depend on the order of the results', () => {
    const orders = results.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(orders, factors, directions, ([list, shuffled], reductionFactor, direction) => {
        const options = { reductionFactor, direction };
        expect(survivors(shuffled, options)).toEqual(survivors(list, options));
      }),
    );
  });

  it('are no worse than any trial that stops, and none failed', () => {
    fc.assert(
      fc.property(results, factors, directions, (list, reductionFactor, direction) => {
        const going = new Set(survivors(list, { reductionFactor, direction }));
        const valued = list.flatMap(({ trial, value }) =>
          value === null || Number.isNaN(value) ? [] : [{ trial, value }],
        );
        expect(going.size).toBe(
          Math.min(valued.length, Math.max(1, Math.floor(list.length / reductionFactor))),
        );
        const valuesOf = (isGoing: boolean) =>
          valued.filter(({ trial }) => going.has(trial) === isGoing).map(({ value }) => value);
        const [kept, stopped] = [valuesOf(true), valuesOf(false)];
        expect(kept).toHaveLength(going.size);
        if (direction === 'min')
          expect(Math.max(...kept)).toBeLessThanOrEqual(Math.min(...stopped));
        else expect(Math.min(...kept)).toBeGreaterThanOrEqual(Math.max(...stopped));
      }),
    );
  });
});
