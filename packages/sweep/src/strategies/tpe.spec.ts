import { createSpace, type Space } from '../space/space';
import { randomStrategy } from './random';
import type { Parameters as Point, Strategy, TrialResult } from './strategy';
import { tpeStrategy } from './tpe';

const uniform = { distribution: 'uniform', low: -5, high: 5 } as const;
const plane = createSpace({ x: uniform, y: uniform });
const sphere = ({ x, y }: Point) => (Number(x) - 1) ** 2 + (Number(y) + 2) ** 2;
const options = { trials: 60, generationSize: 4, direction: 'min', seed: 42 } as const;

/** Runs a sweep in generations, as the engine does. */
function search(
  strategy: Strategy,
  objective: (point: Point, trial: number) => number | null,
): TrialResult[] {
  const history: TrialResult[] = [];
  while (history.length < strategy.trials) {
    const first = history.length + 1;
    const size = Math.min(strategy.generationSize, strategy.trials - history.length);
    const pending: Point[] = [];
    for (let trial = first; trial < first + size; trial++) {
      pending.push(strategy.propose({ trial, history, pending: [...pending] }));
    }
    pending.forEach((parameters, index) => {
      const trial = first + index;
      history.push({ trial, parameters, value: objective(parameters, trial) });
    });
  }
  return history;
}

const best = (history: readonly TrialResult[]) =>
  Math.min(...history.map(({ value }) => value ?? Infinity));

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

describe('tpeStrategy', () => {
  it('gives the same trials in every release', () => {
    const trials = search(tpeStrategy(plane, { ...options, trials: 16 }), sphere);
    expect(trials.slice(-2).map(({ parameters }) => parameters)).toEqual([
      { x: 2.04502, y: 3.26795 },
      { x: 1.13963, y: 0.50739 },
    ]);
  });

  it('comes ten times nearer to the minimum of a sphere than random search', () => {
    const seeds = [1, 2, 3, 4, 5, 6, 7];
    const tpe = seeds.map((seed) => best(search(tpeStrategy(plane, { ...options, seed }), sphere)));
    const random = seeds.map((seed) =>
      best(search(randomStrategy(plane, { trials: 60, seed }), sphere)),
    );
    expect(median(tpe)).toBeLessThan(median(random) / 10);
  });

  it('finds the maximum as it finds the minimum', () => {
    const found = search(tpeStrategy(plane, options), sphere);
    const mirrored = search(
      tpeStrategy(plane, { ...options, direction: 'max' }),
      (point) => -sphere(point),
    );
    expect(mirrored.map(({ parameters }) => parameters)).toEqual(
      found.map(({ parameters }) => parameters),
    );
  });

  it('searches logarithmic, integer and choice parameters together', () => {
    const space = createSpace({
      choice: { values: ['bad', 'good', 'worse'] },
      layers: { distribution: 'int', low: 1, high: 32 },
      rate: { distribution: 'log_uniform', low: 1e-6, high: 1 },
      width: { distribution: 'log_int', low: 1, high: 1024, step: 1 },
    });
    const objective = ({ choice, layers, rate, width }: Point) =>
      (choice === 'good' ? 0 : 1) +
      Math.abs(Number(layers) - 20) / 10 +
      Math.abs(Math.log10(Number(rate)) + 3) +
      Math.abs(Math.log2(Number(width)) - 6);
    const seeds = [1, 2, 3, 4, 5];
    const medianOf = (strategy: (seed: number) => Strategy) =>
      median(seeds.map((seed) => best(search(strategy(seed), objective))));
    expect(medianOf((seed) => tpeStrategy(space, { ...options, seed }))).toBeLessThan(
      medianOf((seed) => randomStrategy(space, { trials: 60, seed })) / 1.5,
    );
  });

  it('starts with ten trials that have a value as random search does', () => {
    const failing = (point: Point, trial: number) => (trial <= 3 ? null : sphere(point));
    const tpe = search(tpeStrategy(plane, { ...options, generationSize: 1 }), failing);
    const random = search(randomStrategy(plane, { trials: 60, seed: 42 }), failing);
    expect(tpe.slice(0, 13)).toEqual(random.slice(0, 13));
    expect(tpe[13]).not.toEqual(random[13]);
  });

  it('spreads a generation', () => {
    const strategy = tpeStrategy(plane, options);
    const history = search(tpeStrategy(plane, { ...options, trials: 20 }), sphere);
    const distanceOf = (knows: boolean) => {
      let sum = 0;
      for (let trial = 21; trial < 41; trial++) {
        const first = strategy.propose({ trial: trial + 100, history, pending: [] });
        const second = strategy.propose({ trial, history, pending: knows ? [first] : [] });
        sum += Math.hypot(
          Number(second['x']) - Number(first['x']),
          Number(second['y']) - Number(first['y']),
        );
      }
      return sum / 20;
    };
    expect(distanceOf(true)).toBeGreaterThan(distanceOf(false) * 1.1);
  });

  it('avoids where trials fail', () => {
    // Large rates fail, and just below are the best ones.
    const objective = ({ x }: Point) => (Number(x) > 1 ? null : -Number(x));
    const strategy = tpeStrategy(plane, options);
    const history = search(tpeStrategy(plane, { ...options, trials: 40 }), objective);
    const failuresOf = (known: readonly TrialResult[]) =>
      Array.from({ length: 50 }, (_, index) =>
        objective(strategy.propose({ trial: 41 + index, history: known, pending: [] })),
      ).filter((value) => value === null).length;
    expect(failuresOf(history)).toBeLessThan(
      failuresOf(history.filter(({ value }) => value !== null)) / 4,
    );
  });

  it('goes on at random if every trial fails', () => {
    const history = search(tpeStrategy(plane, options), () => null);
    expect(history).toEqual(search(randomStrategy(plane, { trials: 60, seed: 42 }), () => null));
  });

  it('takes a trial that got further for the better one, whatever the values', () => {
    const strategy = tpeStrategy(plane, options);
    const [first, ...rest] = search(tpeStrategy(plane, { ...options, trials: 10 }), sphere);
    const propose = (result: TrialResult) =>
      strategy.propose({ trial: 11, history: [result, ...rest], pending: [] });
    const worst = { ...first!, value: 1000 };
    expect(propose({ ...worst, rung: 1 })).toEqual(propose({ ...first!, value: -1 }));
    expect(propose(worst)).not.toEqual(propose({ ...first!, value: -1 }));
  });

  it('takes keys with a single value as they are', () => {
    const space: Space = createSpace({
      x: uniform,
      one: { values: ['only'] },
      two: { distribution: 'uniform', low: 3, high: 3 },
    });
    const history = search(tpeStrategy(space, { ...options, trials: 20 }), ({ x }) => Number(x));
    for (const { parameters } of history) {
      expect(parameters).toMatchObject({ one: 'only', two: 3 });
    }
    const constant = createSpace({ one: { values: ['only'] } });
    expect(
      search(tpeStrategy(constant, { ...options, trials: 20 }), () => 1)[19]!.parameters,
    ).toEqual({ one: 'only' });
  });

  it('keeps the keys in one order', () => {
    const space = createSpace({ b: uniform, a: { values: [1] }, c: uniform });
    for (const { parameters } of search(tpeStrategy(space, { ...options, trials: 20 }), () => 1)) {
      expect(Object.keys(parameters)).toEqual(['a', 'b', 'c']);
    }
  });
});
