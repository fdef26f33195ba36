import { canonicalJson } from '@pixelis/core';
import * as fc from 'fast-check';

import { countableParameters, spacesOf } from '../../test/support/sweep-spaces';
import { createSpace } from '../space/space';
import { gridStrategy } from './grid';

describe('gridStrategy', () => {
  it('covers each combination once', () => {
    fc.assert(
      fc.property(spacesOf(countableParameters), (parameters) => {
        const space = createSpace(parameters);
        const strategy = gridStrategy(space);
        const seen = new Set<string>();
        for (let trial = 1; trial <= strategy.trials; trial++) {
          const proposal = strategy.propose({ trial, history: [], pending: [] });
          expect(Object.keys(proposal)).toEqual([...space.keys()]);
          seen.add(canonicalJson({ ...proposal }));
        }
        const combinations = [...space.values()].reduce((product, { count }) => product * count, 1);
        expect(strategy.trials).toBe(combinations);
        expect(seen.size).toBe(combinations);
      }),
      { numRuns: 40 },
    );
  });
});
