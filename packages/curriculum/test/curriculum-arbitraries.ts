import * as fc from 'fast-check';

import type { CurriculumMetrics, CurriculumOptions } from '../src';

/** Metric names that tests draw from; two of them are traps for objects used as maps. */
export const metricNames = ['accuracy', 'loss', 'mae/val', '__proto__', 'constructor'] as const;

/** Multiples of 1/64 from 0 to 1: sums of a few are exact, so any way of averaging them gives the same bits. */
export const gridValue = fc.integer({ min: 0, max: 64 }).map((step) => step / 64);

/** Any number that a metric may be. */
export const anyFinite = fc.double({ noNaN: true, noDefaultInfinity: true });

const criterion = (metric: string) =>
  fc.record(
    {
      metric: fc.constant(metric),
      threshold: fc.constantFrom(16, 32, 48).map((step) => step / 64),
      direction: fc.constantFrom('max' as const, 'min' as const),
    },
    { requiredKeys: ['metric', 'threshold'] },
  );

const exit = (minLength: number) =>
  fc
    .subarray([...metricNames], { minLength, maxLength: 2 })
    .chain((metrics) => fc.tuple(...metrics.map(criterion)));

const stages = fc
  .tuple(fc.array(exit(1), { maxLength: 3 }), exit(0))
  .map(([exits, last]) =>
    [...exits, last].map((criteria, index) => ({ name: `stage ${index}`, exit: criteria })),
  );

/** Curricula of one to four stages. */
export const curriculumOptions: fc.Arbitrary<Required<CurriculumOptions>> = fc.record({
  stages,
  smoothingWindowSize: fc.integer({ min: 1, max: 4 }),
  patienceCycles: fc.integer({ min: 1, max: 3 }),
  cooldownCycles: fc.integer({ min: 0, max: 3 }),
  rollbackThreshold: fc.integer({ min: -16, max: 0 }).map((step) => step / 64 + 0),
});

/** The metrics of successive calls; every call has all of {@link metricNames}, tracked or not. */
export function metricStream(
  value: fc.Arbitrary<number>,
  { maxLength = 40 }: { maxLength?: number } = {},
): fc.Arbitrary<CurriculumMetrics[]> {
  const call = fc
    .tuple(...metricNames.map(() => value))
    .map((values) => Object.fromEntries(metricNames.map((name, index) => [name, values[index]!])));
  return fc.array(call, { maxLength, size: 'max' });
}
