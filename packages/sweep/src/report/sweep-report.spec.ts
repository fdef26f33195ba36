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
    expect(report).toContain('| 5 | a\\|b | 0.01 | `OUT_OF_MEMORY` | 12 \\> 10 |');
    expect(report).toContain('![Importance of the parameters](figures/importance.svg)');
    expect(report.endsWith('|\n')).toBe(true);
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
    expect(svg).toContain('>what tells the best 5 of 20 trials (PED-ANOVA)</text>');
    expect(svg).toContain('a: 75.0 %; bb: 25.0 %; c: it has the same value in all trials.</desc>');
  });

  it('says why nothing can be told', () => {
    expect(importancePlot(importances(summaryOf(0)), { metric: 'loss/val' })).toContain(
      '>0 of at least 4 trials have a value</text>',
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
