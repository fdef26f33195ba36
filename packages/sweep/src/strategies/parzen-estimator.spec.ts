import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '@pixelis/core';
import { Generator } from '@pixelis/reproducibility';

import { createSpace } from '../space/space';
import { ParzenEstimator } from './parzen-estimator';
import type { Parameters as Point, TrialResult } from './strategy';
import { densities } from './tpe';

type WrittenSpace = Parameters<typeof createSpace>[0];

interface Fixture {
  readonly densities: readonly {
    readonly name: string;
    readonly space: WrittenSpace;
    readonly observations: readonly Point[];
    readonly samples: readonly Point[];
    readonly log_densities: readonly number[];
  }[];
  readonly ratios: readonly {
    readonly direction: 'min' | 'max';
    readonly space: WrittenSpace;
    readonly history: readonly TrialResult[];
    readonly pending: readonly Point[];
    readonly samples: readonly Point[];
    readonly log_ratios: readonly number[];
  }[];
}

const fixture = JSON.parse(
  readFileSync(join(__dirname, '../../fixtures/parzen.json'), 'utf8'),
) as Fixture;

/** Largest relative difference, or absolute where values are below 1. */
function farthest(found: readonly number[], expected: readonly number[]): number {
  expect(found).toHaveLength(expected.length);
  return Math.max(
    ...found.map(
      (value, i) => Math.abs(value - expected[i]!) / Math.max(1, Math.abs(expected[i]!)),
    ),
  );
}

describe('ParzenEstimator.logDensity', () => {
  it.each(fixture.densities.map((each) => [each.name, each] as const))(
    'agrees with Optuna: %s',
    (_, { space, observations, samples, log_densities: expected }) => {
      const estimator = new ParzenEstimator(createSpace(space), observations);
      const found = samples.map((sample) => estimator.logDensity(sample));
      expect(farthest(found, expected)).toBeLessThan(1e-11);
    },
  );

  it('is that of a density: its integral is 1', () => {
    const space = createSpace({ a: { distribution: 'log_uniform', low: 1e-4, high: 10 } });
    const points = [0.001, 0.002, 0.5, 0.002].map((a) => ({ a }));
    const estimator = new ParzenEstimator(space, points);
    const PLACES = 20_000;
    const span = Math.log(1e5);
    let integral = 0;
    for (let place = 0; place < PLACES; place++) {
      const a = 1e-4 * Math.exp((span * (place + 0.5)) / PLACES);
      integral += (Math.exp(estimator.logDensity({ a })) * span) / PLACES;
    }
    expect(integral).toBeCloseTo(1, 6);
  });

  it('is that of a distribution over steps and choices: its sum is 1', () => {
    const space = createSpace({
      a: { distribution: 'log_int', low: 1, high: 30, step: 2 },
      b: { values: ['x', 'y', 'z'] },
    });
    const points = [1, 3, 3, 29].map((a) => ({ a, b: a === 3 ? 'x' : 'z' }));
    const estimator = new ParzenEstimator(space, points);
    let sum = 0;
    for (let a = 1; a <= 29; a += 2) {
      for (const b of ['x', 'y', 'z']) sum += Math.exp(estimator.logDensity({ a, b }));
    }
    expect(sum).toBeCloseTo(1, 12);
  });

  it('of a range with a great many steps is finite everywhere', () => {
    const space = createSpace({ a: { distribution: 'int', low: 0, high: 1e15 } });
    const estimator = new ParzenEstimator(space, [{ a: 3 }, { a: 1e15 }]);
    for (const a of [0, 4e14, 1e15])
      expect(Number.isFinite(estimator.logDensity({ a }))).toBe(true);
  });

  it('throws for a point without a value of a key', () => {
    const space = createSpace({ a: { values: [1, 2] } });
    expect(() => new ParzenEstimator(space, [{}])).toThrow(RangeError);
    expect(() => new ParzenEstimator(space, []).logDensity({})).toThrow(RangeError);
  });
});

describe('ParzenEstimator.sample', () => {
  it('draws from the density (chi-square, p > 0.001)', () => {
    const space = createSpace({
      a: { distribution: 'int', low: 1, high: 5 },
      b: { values: ['x', 'y'] },
    });
    const estimator = new ParzenEstimator(
      space,
      [1, 4, 4].map((a) => ({ a, b: a === 4 ? 'x' : 'y' })),
    );
    const COUNT = 4000;
    const counts = new Map<string, number>();
    const generator = Generator.fromSeed(11);
    for (let draw = 0; draw < COUNT; draw++) {
      const point = canonicalJson({ ...estimator.sample(generator) });
      counts.set(point, (counts.get(point) ?? 0) + 1);
    }
    let chiSquare = 0;
    for (let a = 1; a <= 5; a++) {
      for (const b of ['x', 'y']) {
        const expected = COUNT * Math.exp(estimator.logDensity({ a, b }));
        chiSquare += ((counts.get(canonicalJson({ a, b })) ?? 0) - expected) ** 2 / expected;
      }
    }
    expect(chiSquare).toBeLessThan(27.88);
  });
});

describe('densities', () => {
  it.each(
    fixture.ratios.map((each) => [`${each.direction} of ${each.history.length}`, each] as const),
  )(
    'split the trials as Optuna does: %s',
    (_, { space, samples, log_ratios: expected, ...context }) => {
      const { good, others } = densities(createSpace(space), context);
      const found = samples.map((sample) => good.logDensity(sample) - others.logDensity(sample));
      expect(farthest(found, expected)).toBeLessThan(1e-11);
    },
  );
});
