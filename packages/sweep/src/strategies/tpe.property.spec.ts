import * as fc from 'fast-check';

import { parameters, spacesOf } from '../../test/support/sweep-spaces';
import { createSpace } from '../space/space';
import { randomTrial } from './random';
import type { TrialResult } from './strategy';
import { tpeStrategy } from './tpe';

/** A space, and results of it with ties and failures, in their order and in another. */
const searches = fc
  .record({
    written: spacesOf(parameters),
    seed: fc.maxSafeNat(),
    outcomes: fc.array(
      fc.record({
        value: fc.oneof(fc.constant(null), fc.integer({ min: -3, max: 3 })),
        rung: fc.nat(2),
      }),
      { minLength: 10, maxLength: 40 },
    ),
    pendingCount: fc.nat(3),
    direction: fc.constantFrom('min' as const, 'max' as const),
  })
  .chain(({ outcomes, written, ...rest }) => {
    const space = createSpace(written);
    const history: TrialResult[] = outcomes.map((outcome, index) => ({
      trial: index + 1,
      parameters: randomTrial(space, { trial: index + 1, seed: rest.seed }),
      ...outcome,
    }));
    return fc.record({
      space: fc.constant(space),
      history: fc.constant(history),
      shuffled: fc.shuffledSubarray(history, { minLength: history.length }),
      rest: fc.constant(rest),
    });
  });

describe('tpeStrategy', () => {
  it('does not depend on the order in which results arrive, and stays in the space', () => {
    fc.assert(
      fc.property(
        searches,
        ({ space, history, shuffled, rest: { seed, direction, pendingCount } }) => {
          const strategy = tpeStrategy(space, { trials: 100, generationSize: 4, direction, seed });
          const pending = Array.from({ length: pendingCount }, (_, index) =>
            randomTrial(space, { trial: 90 + index, seed }),
          );
          const context = { trial: history.length + pendingCount + 1, pending };
          const proposal = strategy.propose({ ...context, history });
          expect(strategy.propose({ ...context, history: shuffled })).toEqual(proposal);
          for (const [key, distribution] of space) {
            const unit = distribution.toUnit(proposal[key]!);
            expect(unit).toBeGreaterThanOrEqual(0);
            expect(unit).toBeLessThanOrEqual(1);
            if (distribution.count < Infinity) {
              expect(distribution.fromUnit(unit)).toEqual(proposal[key]);
            }
          }
        },
      ),
    );
  });
});
