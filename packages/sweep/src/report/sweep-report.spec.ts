import {
  importancePlot,
  importances,
  sweepReport,
  type SweepSummary,
  type TrialSummary,
} from '../index';

describe('sweepReport()', () => {
  it('tells what was searched, the best trial and how to train it again, all trials and the failures', () => {
    const report = sweepReport(summaryOf(4));

    expect(report.match(/^#+ .*$/gm)).toEqual([
      '# Sweep demo',
      '## What was searched',
      '## The best trial',
      '## Trials',
      '## Failures',
      '## Importance',
    ]);
    expect(report).toContain(
      '5 trials: 4 completed, 1 failed. Compared by `accuracy/hard`: the larger the better.',
    );
    expect(report).toContain(
      '| `training.learning_rate` | log_uniform from 0.00001 to 0.1 in steps of 2 |',
    );
    expect(report).toContain('| `model.name` | a\\|b, \\*c\\* |');
    expect(report).toContain(
      'Trial 4, run `demo-4`: `accuracy/hard` is 0.12345678901234568 after 10 steps.',
    );
    expect(report).toContain('npx nx run train:sft -- --new --config out/sweeps/demo/0004.json\n');
    expect(report).toContain('| `loss/val` | 0.25 |');
    expect(report).toContain(
      '![Parallel coordinates of the trials](figures/parallel-coordinates.svg)',
    );
    expect(report).toContain(
      '| 5 | a\\|b | 0.01 | `OUT_OF_MEMORY` | 12 \\> 10 | `logs/0005.log` |',
    );
    expect(report).toContain('![Importance of the parameters](figures/importance.svg)');
    expect(report.endsWith('|\n')).toBe(true);
  });

  it('gives the values of the best trial as overrides that a shell takes as they are', () => {
    expect(sweepReport(summaryOf(4))).toContain(
      '```text\n\'model.name="*c*"\' training.learning_rate=0.01\n```\n',
    );
  });

  it('gives the command that makes the sweep again, if it knows how it was made', () => {
    const { space, ...rest } = summaryOf(4);
    const search = {
      strategy: 'tpe' as const,
      trials: 5,
      generation_size: 2,
      metric: 'accuracy/hard',
      direction: 'max' as const,
      space,
      halving: { minimum_steps: 3, reduction_factor: 4 },
    };
    const report = (made?: SweepSummary['made']) =>
      sweepReport({ ...rest, space, ...(made !== undefined && { made }) });
    expect(report({ seed: 7, search })).toContain(
      'npx nx run sweep:default -- --new --config out/sweeps/demo/0004.json --tpe 5 --generation-size 2 ' +
        '--grid \'model.name="a|b","*c*"\' --space training.learning_rate=log-uniform:0.00001:0.1:2 ' +
        '--halving 3 --reduction-factor 4 --metric accuracy/hard --direction max\n',
    );
    const grid = { ...search, strategy: 'grid' as const, trials: null, halving: null };
    expect(report({ seed: 7, search: grid })).toContain('0004.json --grid');
    const seeds = { ...grid, space: { 'training.seed': { values: [1, 2] } } };
    expect(report({ seed: 7, search: seeds })).toContain('0004.json --seed 7 --grid');
    expect(report()).not.toContain('again, from the root of the workspace, as another');
  });

  it('tells the spread over seeds of trials that differ in nothing else', () => {
    const values = [
      [1, 1e-3, 2],
      [2, 1e-3, 4],
      [3, 1e-3, 6],
      [1, 1e-4, 1],
      [2, 1e-4, null],
    ] as const;
    const trials = values.map(([seed, rate, value], index): TrialSummary => ({
      trial: index + 1,
      runId: `demo-${index + 1}`,
      state: value === null ? 'FAILED' : 'COMPLETED',
      parameters: { 'training.learning_rate': rate, 'training.seed': seed },
      value,
      steps: 10,
    }));
    const seeds = {
      ...summaryOf(0),
      direction: 'min' as const,
      trials,
      space: {
        'training.learning_rate': { values: [1e-3, 1e-4] },
        'training.seed': { values: [1, 2, 3] },
      },
    };
    const report = sweepReport(seeds);
    expect(report).toContain(
      [
        '| `training.learning_rate` | seeds | mean | standard deviation | least | greatest |',
        '| --- | --- | --- | --- | --- | --- |',
        '| 0.0001 | 1 of 2 | 1 | - | 1 | 1 |',
        '| 0.001 | 3 | 4 | 2 | 2 | 6 |',
        '',
      ].join('\n'),
    );
    expect(sweepReport({ ...seeds, direction: 'max' })).toMatch(/\| 0.001 \| 3 .*\n\| 0.0001 \|/);
    const apart = trials.map((trial) => ({
      ...trial,
      parameters: { ...trial.parameters, 'training.learning_rate': trial.trial },
    }));
    expect(sweepReport({ ...seeds, trials: apart })).not.toContain('Spread over seeds');
    expect(sweepReport(summaryOf(4))).not.toContain('Spread over seeds');
  });

  it('lists the best 100 trials and counts the others', () => {
    const report = sweepReport(summaryOf(130));
    expect(report.match(/ COMPLETED \|$/gm)).toHaveLength(100);
    expect(report).toContain('30 more trials, all worse, are in `manifest.json`.');
  });

  it('is whole for a sweep without a value, and without anything varied', () => {
    const failed = summaryOf(0);
    expect(sweepReport(failed)).toContain('## The best trial\n\nNo trial has a value.\n');
    expect(sweepReport(failed)).toContain(
      'The importance of the parameters cannot be told: 0 of at least 4 trials have a value.',
    );
    expect(sweepReport({ ...failed, space: {}, trials: [] })).not.toContain('Importance');
  });
});

describe('importancePlot()', () => {
  it('draws a bar for each share, and says why where there is none', () => {
    const found = {
      trials: 20,
      best: 5,
      parameters: [
        { key: 'a', share: 0.75 },
        { key: 'bb', share: 0.25 },
        { key: 'c', share: null, reason: 'it has the same value in all trials' },
      ],
    };
    const svg = importancePlot(found, { metric: 'loss/val' });
    const widths = Array.from(svg.matchAll(/<rect x="36.6" [^>]*width="([^"]*)"/g), ([, width]) =>
      Number(width),
    );
    expect(widths).toHaveLength(2);
    expect(widths[0]! / widths[1]!).toBeCloseTo(3, 2);
    expect(svg).toContain('>75.0 %</text>');
    expect(svg).toContain('>it has the same value in all trials</text>');
    expect(svg).toContain(
      '>share in what sets the best 5 of 20 trials apart from all of them, by PED-ANOVA (Watanabe, Bansal and Hutter, IJCAI 2023)</text>',
    );
    expect(svg).toContain('a: 75.0 %; bb: 25.0 %; c: it has the same value in all trials.</desc>');
  });

  it('warns of too few trials for so many parameters, and so does the report', () => {
    const shares = (trials: number, parameters: number) => ({
      trials,
      best: 5,
      parameters: Array.from({ length: parameters }, (_, at) => ({
        key: `k${at}`,
        share: 1 / parameters,
      })),
    });
    const plot = (trials: number, parameters: number) =>
      importancePlot(shares(trials, parameters), { metric: 'loss/val' });
    expect(plot(29, 3)).toContain('>29 trials are few for 3 parameters: take this for a hint');
    expect(plot(30, 3)).not.toContain('few');
    expect(plot(40, 1)).toContain('>It is the only parameter: its share is 100 %');
    const reportOf = (count: number) => {
      const trials = summaryOf(count).trials.map((trial) => ({
        ...trial,
        parameters: { ...trial.parameters, 'training.learning_rate': trial.trial / 1000 },
      }));
      return sweepReport({ ...summaryOf(count), trials });
    };
    expect(reportOf(8)).toContain('8 trials are few for 2 parameters');
    expect(reportOf(30)).not.toContain('few');
  });

  it('says why nothing can be told', () => {
    expect(importancePlot(importances(summaryOf(0)), { metric: 'loss/val' })).toContain(
      '>cannot be told: 0 of at least 4 trials have a value</text>',
    );
  });
});

// Helpers

function summaryOf(completed: number): SweepSummary {
  const trial = (number: number, rest: Pick<TrialSummary, 'state' | 'value'>): TrialSummary => ({
    trial: number,
    runId: `demo-${number}`,
    parameters: { 'training.learning_rate': 0.01, 'model.name': number % 2 === 1 ? 'a|b' : '*c*' },
    steps: 10,
    ...rest,
  });
  return {
    tag: 'demo',
    mode: 'sft',
    metric: 'accuracy/hard',
    direction: 'max',
    space: {
      'training.learning_rate': { distribution: 'log_uniform', low: 1e-5, high: 0.1, step: 2 },
      'model.name': { values: ['a|b', '*c*'] },
    },
    trials: [
      ...Array.from({ length: completed }, (_, index) => ({
        ...trial(index + 1, {
          state: 'COMPLETED',
          value: index === 3 ? 0.12345678901234568 : -index,
        }),
        results: { 'loss/val': 0.25 },
      })),
      {
        ...trial(completed + 1, { state: 'FAILED', value: null }),
        error: { code: 'OUT_OF_MEMORY', message: '12 > 10' },
      },
    ],
  };
}
