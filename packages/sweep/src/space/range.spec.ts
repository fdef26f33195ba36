import { Generator } from '@pixelis/reproducibility';

import { thrownBy } from '../../test/support/thrown-by';
import { Range, type RangeOptions } from './range';

const range = (
  distribution: RangeOptions['distribution'],
  [low, high, step]: readonly [number, number, number?],
) => new Range('training.learning_rate', { distribution, low, high, step });

function draws(subject: Range, count: number): number[] {
  const generator = Generator.fromSeed(42);
  return Array.from({ length: count }, () => subject.sample(generator));
}

describe('Range', () => {
  it('keeps short numbers short', () => {
    const learningRate = range('log_uniform', [1e-5, 1e-1]);
    expect(learningRate.fromScale(learningRate.placeOf(0.001))).toBe(0.001);
    for (const value of draws(learningRate, 200)) {
      expect(value.toExponential().split('e')[0]!.length).toBeLessThanOrEqual('1.23456'.length);
    }
    for (const value of draws(range('uniform', [0, 1]), 200)) {
      expect(String(value).length).toBeLessThanOrEqual('0.123456'.length);
    }
  });

  it('keeps as many digits as bounds near to each other need', () => {
    for (const distribution of ['uniform', 'log_uniform'] as const) {
      const narrow = range(distribution, [1_000_000, 1_000_001]);
      expect(new Set(draws(narrow, 500)).size).toBeGreaterThan(490);
    }
    expect(new Set(draws(range('uniform', [1e-9, 2e-9]), 500)).size).toBeGreaterThan(490);
  });

  it('takes steps from low to the last that is not above high', () => {
    const steps = range('uniform', [0.1, 0.75, 0.2]);
    expect([steps.count, steps.high]).toEqual([4, 0.7]);
    expect([0, 1, 2, 3].map((index) => steps.at(index))).toEqual([0.1, 0.3, 0.5, 0.7]);
    expect(new Set(draws(steps, 200))).toEqual(new Set([0.1, 0.3, 0.5, 0.7]));
    expect(new Set(draws(range('log_int', [1, 9, 3]), 500))).toEqual(new Set([1, 4, 7]));
    expect(range('int', [1, 8]).count).toBe(8);
    expect(range('uniform', [0, 1]).count).toBe(Infinity);
  });

  it('maps to the unit interval and back', () => {
    const learningRate = range('log_uniform', [1e-4, 1]);
    expect(learningRate.toUnit(0.01)).toBeCloseTo(0.5, 12);
    expect(learningRate.fromUnit(0.75)).toBe(0.1);
    const layers = range('int', [1, 4]);
    expect([1, 2, 3, 4].map((value) => layers.toUnit(value))).toEqual([0.125, 0.375, 0.625, 0.875]);
    expect([0, 0.3, 1].map((unit) => layers.fromUnit(unit))).toEqual([1, 2, 4]);
    const single = range('uniform', [2, 2]);
    expect([single.toUnit(2), single.fromUnit(0.3), single.count]).toEqual([0.5, 2, 1]);
  });

  it.each([
    ['uniform', [2, 1], 'low 2 and high 1 bound no range'],
    ['uniform', [NaN, 1], 'low NaN and high 1 bound no range'],
    ['uniform', [0, 1, 0], 'the step 0 is not above 0'],
    ['int', [0.5, 3], '0.5 is no integer'],
    ['int', [1, 8, 1.5], '1.5 is no integer'],
    ['log_int', [0, 8], 'low 0 has no logarithm'],
    ['log_uniform', [-1, 8], 'low -1 has no logarithm'],
  ] as const)('refuses %s %j: %s', (distribution, bounds, problem) => {
    expect(thrownBy(() => range(distribution, bounds))).toMatchObject({
      code: 'SWEEP_SPACE_INVALID',
      message: `Cannot search training.learning_rate: ${problem}`,
    });
  });

  it.each([0, 3.1, '2', null])('throws for the place of %j, which lies outside', (value) => {
    expect(() => range('uniform', [1, 3]).placeOf(value)).toThrow(RangeError);
  });

  it.each([-1, 8, 0.5])('throws for step number %d of eight', (index) => {
    expect(() => range('int', [1, 8]).at(index)).toThrow(RangeError);
  });
});

/** Largest difference between the distribution of `values`, mapped to the unit interval, and the uniform one. */
function kolmogorovSmirnov(units: readonly number[]): number {
  const sorted = [...units].sort((a, b) => a - b);
  return Math.max(
    ...sorted.map((unit, index) =>
      Math.max(unit - index / sorted.length, (index + 1) / sorted.length - unit),
    ),
  );
}

describe('Range.sample', () => {
  const COUNT = 4000;
  /** p = 0.001 of the Kolmogorov-Smirnov distance: 1.949 / sqrt(n). */
  const LIMIT = 1.949 / Math.sqrt(COUNT);

  it('is uniform (Kolmogorov-Smirnov, p > 0.001)', () => {
    const values = draws(range('uniform', [-3, 5]), COUNT);
    expect(kolmogorovSmirnov(values.map((value) => (value + 3) / 8))).toBeLessThan(LIMIT);
  });

  it('is uniform in the logarithm (Kolmogorov-Smirnov, p > 0.001)', () => {
    const values = draws(range('log_uniform', [1e-6, 1e-2]), COUNT);
    const units = values.map((value) => Math.log(value / 1e-6) / Math.log(1e4));
    expect(kolmogorovSmirnov(units)).toBeLessThan(LIMIT);
  });

  it('gives each step of a plain scale equally often (chi-square, p > 0.001)', () => {
    const values = draws(range('int', [3, 12]), COUNT);
    const expected = COUNT / 10;
    let chiSquare = 0;
    for (let value = 3; value <= 12; value++) {
      const count = values.filter((other) => other === value).length;
      chiSquare += (count - expected) ** 2 / expected;
    }
    expect(chiSquare).toBeLessThan(27.88);
  });

  it('gives integer k of a logarithmic scale as often as ln((k + ½) / (k − ½)) (chi-square, p > 0.001)', () => {
    const values = draws(range('log_int', [1, 10]), COUNT);
    let chiSquare = 0;
    for (let value = 1; value <= 10; value++) {
      const share = Math.log((value + 0.5) / (value - 0.5)) / Math.log(10.5 / 0.5);
      const count = values.filter((other) => other === value).length;
      chiSquare += (count - COUNT * share) ** 2 / (COUNT * share);
    }
    expect(chiSquare).toBeLessThan(27.88);
  });
});
