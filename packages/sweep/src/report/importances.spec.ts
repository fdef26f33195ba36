import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importances, type SweepSummary, type TrialSummary } from '../index';

interface Fixture {
  readonly cases: readonly {
    readonly name: string;
    readonly direction: 'min' | 'max';
    readonly quantile: number;
    readonly space: SweepSummary['space'];
    readonly trials: readonly Pick<TrialSummary, 'parameters' | 'value'>[];
    readonly shares: Readonly<Record<string, number>>;
  }[];
}

const fixture = JSON.parse(
  readFileSync(join(__dirname, '../../fixtures/importance.json'), 'utf8'),
) as Fixture;

describe('importances()', () => {
  it.each(fixture.cases.map((sample) => [sample.name, sample] as const))(
    'gives the shares that Optuna gives: %s',
    (_, { direction, quantile, space, trials, shares }) => {
      const found = importances(
        { direction, space, trials: trials.map((trial, index) => trialOf(index + 1, trial)) },
        { quantile },
      );

      expect(found.parameters.map(({ key }) => key).sort()).toEqual(Object.keys(shares).sort());
      for (const { key, share } of found.parameters) {
        expect(share).not.toBeNull();
        expect(Math.abs(share! - shares[key]!)).toBeLessThan(1e-11);
      }
    },
  );

  it('counts at least 5 of a small sweep as the best, never more than half, and a tenth of a large one', () => {
    const bestOf = (count: number) => importances(sweepOf(count)).best;
    expect([4, 7, 10, 40, 100].map(bestOf)).toEqual([2, 4, 5, 5, 10]);
  });

  it('finds the parameter that the value depends on, in either direction', () => {
    for (const direction of ['min', 'max'] as const) {
      const [first] = importances({ ...sweepOf(40), direction }).parameters;
      expect(first?.key).toBe('a.matters');
      expect(first!.share).toBeGreaterThan(0.8);
    }
  });

  it('takes trials that halving stopped for worse than those that it did not', () => {
    const { space, direction, trials } = sweepOf(20);
    const stopped = trials.map((trial) =>
      trial.parameters['a.other'] === 'x'
        ? trial
        : { ...trial, state: 'STOPPED' as const, value: trial.value! - 100 },
    );
    const [first] = importances(
      { space, direction, trials: stopped },
      { quantile: 0.5 },
    ).parameters;
    expect(first?.key).toBe('a.other');
  });

  it.each([
    ['no trial', sweepOf(0), '0 of at least 4 trials have a value'],
    ['too few trials', sweepOf(3), '3 of at least 4 trials have a value'],
    [
      'too few that did not fail',
      { ...sweepOf(9), trials: sweepOf(9).trials.map((trial) => ({ ...trial, value: null })) },
      '0 of at least 4 trials have a value',
    ],
    [
      'equal values',
      { ...sweepOf(9), trials: sweepOf(9).trials.map((trial) => ({ ...trial, value: 1 })) },
      'all trials have the same value',
    ],
    [
      'nearly all of them the best',
      {
        ...sweepOf(9),
        direction: 'max' as const,
        trials: sweepOf(9).trials.map((trial) => ({
          ...trial,
          value: Math.min(1, trial.trial - 1),
        })),
      },
      undefined,
    ],
  ])('says that it cannot tell: %s', (_, sweep, reason) => {
    const found = importances(sweep);
    if (reason === undefined) {
      // The one worse trial is told from the others.
      expect(found.best).toBe(8);
      return;
    }
    expect(found).toMatchObject({ best: 0, reason });
    expect(found.parameters.map(({ share, reason: why }) => [share, why])).toEqual([
      [null, reason],
      [null, reason],
    ]);
  });

  it('says that it cannot tell where as many are as good as the best as there are trials', () => {
    const trials = sweepOf(9).trials.map((trial) => ({
      ...trial,
      value: Math.min(1, trial.trial - 1),
    }));
    expect(importances({ ...sweepOf(9), trials }).reason).toBe(
      'too many trials are as good as the best ones',
    );
  });

  it('leaves out a parameter that never varied, and says so', () => {
    const { space, direction, trials } = sweepOf(20);
    const constant = trials.map((trial) => ({
      ...trial,
      parameters: { ...trial.parameters, 'a.other': 'x' },
    }));
    expect(importances({ space, direction, trials: constant }).parameters).toEqual([
      { key: 'a.matters', share: 1 },
      { key: 'a.other', share: null, reason: 'it has the same value in all trials' },
    ]);
  });

  it.each([0, 1, -0.1, NaN])('refuses the quantile %d', (quantile) => {
    expect(() => importances(sweepOf(9), { quantile })).toThrow(
      new RangeError(
        `Cannot compute importances: quantile must be between 0 and 1: current value is ${quantile}`,
      ),
    );
  });
});

// Helpers

/** The value is the parameter that matters. */
function sweepOf(count: number): Pick<SweepSummary, 'space' | 'direction' | 'trials'> {
  return {
    direction: 'min',
    space: {
      'a.matters': { distribution: 'uniform', low: 0, high: 100 },
      'a.other': { values: ['x', 'y'] },
    },
    trials: Array.from({ length: count }, (_, index) => {
      const matters = (index * 37) % 101;
      const parameters = { 'a.matters': matters, 'a.other': index % 2 === 0 ? 'x' : 'y' };
      return trialOf(index + 1, { parameters, value: matters });
    }),
  };
}

function trialOf(
  trial: number,
  facts: Partial<TrialSummary> & Pick<TrialSummary, 'parameters' | 'value'>,
): TrialSummary {
  return { trial, runId: `sweep-${trial}`, state: 'COMPLETED', steps: 10, ...facts };
}
