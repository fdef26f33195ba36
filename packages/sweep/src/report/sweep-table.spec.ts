import { type SweepSummary, sweepTable, type TrialSummary } from '../index';

const summary: SweepSummary = {
  tag: 'demo',
  mode: 'sft',
  metric: 'loss/val',
  direction: 'min',
  space: {
    'training.learning_rate': { distribution: 'log_uniform', low: 1e-6, high: 1 },
    'model.layers': { values: [2, 4] },
  },
  trials: [
    trialOf(1, { value: 0.5 }),
    trialOf(2, { value: 0.25, learningRate: 0.00001234567 }),
    trialOf(3, { state: 'FAILED', value: null, message: 'out of\nmemory \u001b[31mhere' }),
    trialOf(4, { value: 0.1, state: 'STOPPED' }),
    trialOf(5, { value: 0.25, layers: 4 }),
  ],
};

describe('sweepTable()', () => {
  it('ranks by value and then by number, stopped trials after completed ones, failures at the end', () => {
    expect(sweepTable(summary)).toBe(
      [
        'rank  trial  layers  learning_rate  loss/val  steps  state',
        '   1      2       2       1.235e-5      0.25     10  COMPLETED',
        '   2      5       4           0.01      0.25     10  COMPLETED',
        '   3      1       2           0.01       0.5     10  COMPLETED',
        '   4      4       2           0.01       0.1      3  STOPPED',
        'trial 3 failed: out of memory here',
      ].join('\n'),
    );
  });

  it('puts the largest first where larger is better', () => {
    const lines = sweepTable({ ...summary, direction: 'max' }).split('\n');
    expect(lines.map((line) => line.slice(0, 11))).toEqual([
      'rank  trial',
      '   1      1',
      '   2      2',
      '   3      5',
      '   4      4',
      'trial 3 fai',
    ]);
  });

  it('shows as many rows as are wanted and counts the others', () => {
    const failures = [6, 7].map((trial) => trialOf(trial, { state: 'FAILED', value: null }));
    const table = sweepTable({ ...summary, trials: [...summary.trials, ...failures] }, { rows: 2 });
    expect(table.split('\n').slice(1)).toEqual([
      '   1      2       2       1.235e-5      0.25     10  COMPLETED',
      '   2      5       4           0.01      0.25     10  COMPLETED',
      '… and 2 more',
      'trial 3 failed: out of memory here',
      'trial 6 failed: the run demo-6 has no value of loss/val',
      '… and 1 more failed',
    ]);
  });

  it('cuts titles and words, never numbers, and says which parameters found no place', () => {
    const lines = sweepTable(summary, { width: 50 }).split('\n');
    expect(lines.slice(0, 2)).toEqual([
      'rank  trial  layers  loss/val  steps  state',
      '   1      2       2      0.25     10  COMPLETED',
    ]);
    expect(lines).toContain('no room for: learning_rate');
    const cut = sweepTable(summary, { width: 58 }).split('\n');
    expect(cut.slice(0, 2)).toEqual([
      'rank  trial  layers  learning…  loss/val  steps  state',
      '   1      2       2   1.235e-5      0.25     10  COMPLETED',
    ]);
  });

  it('leaves out the parameters that matter least where there is no room for all, and trials enough to tell', () => {
    const [title, ...lines] = sweepTable(noisy(40), { width: 48 }).split('\n');
    expect(title).toBe('rank  trial  matters  loss/val  state');
    expect(lines).toContain('no room for: a.noise, c.noise, d.noise');
  });

  it('leaves out the last parameters where importance is but a hint', () => {
    const [title, ...lines] = sweepTable(noisy(39), { width: 48 }).split('\n');
    expect(title).toBe('rank  trial  a.noise  loss/val  state');
    expect(lines).toContain('no room for: matters, c.noise, d.noise');
  });

  it('has no column for what is equal in all trials, and says what it is', () => {
    const trials = [1, 2].map((trial) => trialOf(trial, { value: trial, learningRate: trial }));
    expect(sweepTable({ ...summary, trials })).toBe(
      [
        'rank  trial  learning_rate  loss/val  state',
        '   1      1              1         1  COMPLETED',
        '   2      2              2         2  COMPLETED',
        'equal in all trials: layers 2',
      ].join('\n'),
    );
    expect(sweepTable({ ...summary, trials: trials.slice(0, 1) })).toContain('layers');
  });

  it('says that no trial has a value, and takes one that is no number for a failure', () => {
    const trials = [trialOf(1, { value: NaN })];
    expect(sweepTable({ ...summary, trials })).toBe(
      'no trial has a value yet\ntrial 1 failed: the run demo-1 has no value of loss/val',
    );
    expect(sweepTable({ ...summary, trials: [] })).toBe('no trial has a value yet');
  });

  it('refuses a size that nothing fits into', () => {
    expect(() => sweepTable(summary, { width: 39 })).toThrow(
      new RangeError('Cannot make a table: width must be >= 40: current value is 39'),
    );
    expect(() => sweepTable(summary, { rows: 0 })).toThrow(
      new RangeError('Cannot make a table: rows must be >= 1: current value is 0'),
    );
  });
});

// Helpers

/** Four parameters, of which the second alone decides the value. */
function noisy(count: number): SweepSummary {
  const keys = ['a.noise', 'b.matters', 'c.noise', 'd.noise'];
  const trials = Array.from({ length: count }, (_, index) => ({
    ...trialOf(index + 1, { value: index }),
    parameters: Object.fromEntries(
      keys.map((key, at) => [
        key,
        key === 'b.matters' ? index / 40 : ((index * (at + 3)) % 41) / 41,
      ]),
    ),
  }));
  const space = Object.fromEntries(
    keys.map((key) => [key, { distribution: 'uniform' as const, low: 0, high: 1 }]),
  );
  return { ...summary, space, trials };
}

function trialOf(
  trial: number,
  {
    value,
    state = 'COMPLETED',
    learningRate = 0.01,
    layers = 2,
    message,
  }: {
    value: number | null;
    state?: TrialSummary['state'];
    learningRate?: number;
    layers?: number;
    message?: string;
  },
): TrialSummary {
  return {
    trial,
    runId: `demo-${trial}`,
    state,
    parameters: { 'training.learning_rate': learningRate, 'model.layers': layers },
    value,
    steps: state === 'STOPPED' ? 3 : 10,
    ...(message !== undefined && { error: { code: 'OUT_OF_MEMORY', message } }),
  };
}
