import { canonicalJson } from '@pixelis/core';
import { Generator } from '@pixelis/reproducibility';
import * as fc from 'fast-check';

import { parameters, spacesOf } from '../../test/support/sweep-spaces';
import { createSpace, sampleSpace } from './space';

const seeds = fc.maxSafeNat();
const spaces = spacesOf(parameters);

describe('createSpace', () => {
  it('does not depend on the order in which keys were written', () => {
    fc.assert(
      fc.property(spaces, seeds, (space, seed) => {
        const reversed = Object.fromEntries(Object.entries(space).reverse());
        expect([...createSpace(reversed).keys()]).toEqual([...createSpace(space).keys()]);
        expect(sampleSpace(createSpace(reversed), Generator.fromSeed(seed))).toEqual(
          sampleSpace(createSpace(space), Generator.fromSeed(seed)),
        );
      }),
    );
  });
});

describe('sampleSpace', () => {
  it('stays within bounds and on steps', () => {
    fc.assert(
      fc.property(spaces, seeds, (space, seed) => {
        for (const [key, value] of Object.entries(
          sampleSpace(createSpace(space), Generator.fromSeed(seed)),
        )) {
          const parameter = space[key]!;
          if ('values' in parameter) {
            expect(parameter.values.map(canonicalJson)).toContain(canonicalJson(value));
            continue;
          }
          expect(value).toBeGreaterThanOrEqual(parameter.low);
          expect(value).toBeLessThanOrEqual(parameter.high);
          const isInteger = parameter.distribution.endsWith('int');
          const step = parameter.step ?? (isInteger ? 1 : undefined);
          if (step === undefined) continue;
          const index = (Number(value) - parameter.low) / step;
          expect(Math.abs(index - Math.round(index))).toBeLessThan(1e-9);
          if (isInteger) expect(Number.isInteger(value)).toBe(true);
        }
      }),
    );
  });

  it('the value of a key does not depend on other keys', () => {
    fc.assert(
      fc.property(spaces, spaces, seeds, (space, others, seed) => {
        const alone = sampleSpace(createSpace(space), Generator.fromSeed(seed));
        const together = sampleSpace(
          createSpace({ ...others, ...space }),
          Generator.fromSeed(seed),
        );
        expect(together).toMatchObject(alone);
      }),
    );
  });
});

describe('Distribution', () => {
  it('toUnit and fromUnit are inverse to each other', () => {
    fc.assert(
      fc.property(spaces, seeds, (space, seed) => {
        const distributions = createSpace(space);
        const sample = sampleSpace(distributions, Generator.fromSeed(seed));
        for (const [key, distribution] of distributions) {
          const unit = distribution.toUnit(sample[key]!);
          expect(unit).toBeGreaterThanOrEqual(0);
          expect(unit).toBeLessThanOrEqual(1);
          const back = distribution.fromUnit(unit);
          if (distribution.count < Infinity) expect(back).toEqual(sample[key]);
          else expect(distribution.toUnit(back)).toBeCloseTo(unit, 5);
        }
      }),
    );
  });
});
