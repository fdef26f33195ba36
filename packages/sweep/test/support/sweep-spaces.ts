import type { SweepParameter } from '@pixelis/config';
import * as fc from 'fast-check';

const bounds = (low: number, high: number) =>
  fc
    .tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }))
    .map(([a, b]) => ({ low: Math.min(a, b), high: Math.max(a, b) }));

/** Values or steps that a grid can take. */
export const countableParameters: fc.Arbitrary<SweepParameter> = fc.oneof(
  fc
    .uniqueArray(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), {
      minLength: 1,
      maxLength: 5,
    })
    .map((values) => ({ values })),
  bounds(-4, 4).map((range) => ({ distribution: 'int' as const, ...range })),
  bounds(1, 9).map((range) => ({ distribution: 'log_int' as const, ...range, step: 2 })),
  bounds(-2, 2).map((range) => ({ distribution: 'uniform' as const, ...range, step: 0.7 })),
);

const exponents = fc.double({ min: -12, max: 6, noNaN: true });

export const parameters: fc.Arbitrary<SweepParameter> = fc.oneof(
  countableParameters,
  bounds(-1000, 1000).map((range) => ({ distribution: 'uniform' as const, ...range })),
  fc.tuple(exponents, exponents).map(([a, b]) => ({
    distribution: 'log_uniform' as const,
    low: 10 ** Math.min(a, b),
    high: 10 ** Math.max(a, b),
  })),
);

/** Spaces of up to four keys. */
export const spacesOf = (parameter: fc.Arbitrary<SweepParameter>) =>
  fc.dictionary(fc.stringMatching(/^[a-z]{1,6}(\.[a-z]{1,6})?$/), parameter, {
    minKeys: 1,
    maxKeys: 4,
    noNullPrototype: true,
  });
