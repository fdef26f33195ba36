import { thrownBy } from '../test/thrown-by';
import {
  type CurriculumMetrics,
  type CurriculumOptions,
  type CurriculumState,
  type CurriculumStep,
  initialCurriculumState,
  resolveCurriculumConfig,
  stepCurriculum,
} from './index';

const options: CurriculumOptions = {
  stages: [
    { name: 'simple', exit: [{ metric: 'accuracy', threshold: 0.7 }] },
    {
      name: 'medium',
      exit: [
        { metric: 'accuracy', threshold: 0.9 },
        { metric: 'loss', threshold: 0.5, direction: 'min' },
      ],
    },
    { name: 'hard', exit: [{ metric: 'accuracy', threshold: 0.95 }] },
  ],
};

/** A state in the middle of `medium`, entered at accuracy 0.8 and loss 1, whose windows are full of `fill`. */
function inMedium(fill: { accuracy: number; loss: number }): CurriculumState {
  return {
    stage: 'medium',
    history: { accuracy: Array(3).fill(fill.accuracy), loss: Array(3).fill(fill.loss) },
    cooldown: 0,
    patience: 0,
    entry: { accuracy: 0.8, loss: 1 },
  };
}

function run(
  calls: readonly CurriculumMetrics[],
  { from, changes = {} }: { from?: CurriculumState; changes?: Partial<CurriculumOptions> } = {},
): CurriculumStep[] {
  const config = resolveCurriculumConfig({ ...options, ...changes });
  let state = from ?? initialCurriculumState(config);
  return calls.map((metrics) => {
    const step = stepCurriculum(state, metrics, config);
    state = step.state;
    return step;
  });
}

const repeat = (count: number, metrics: CurriculumMetrics) =>
  Array<CurriculumMetrics>(count).fill(metrics);
const codes = (steps: readonly CurriculumStep[]) => steps.map(({ reason }) => reason.code);

describe('stepCurriculum', () => {
  it('walks by the defaults: window of 3, 2 passes, cooldown of 3', () => {
    const steps = run(repeat(9, { accuracy: 0.92, loss: 0.4 }));
    expect(codes(steps)).toEqual([
      'window-not-full',
      'window-not-full',
      'patience',
      'exit-passed',
      'cooldown',
      'cooldown',
      'cooldown',
      'patience',
      'exit-passed',
    ]);
    expect(steps.map(({ decision }) => decision).filter((it) => it !== 'stay')).toEqual([
      'advance',
      'advance',
    ]);
    expect(steps.at(-1)?.state).toEqual({
      stage: 'hard',
      history: { accuracy: [0.92, 0.92, 0.92], loss: [0.4, 0.4, 0.4] },
      cooldown: 3,
      patience: 0,
      entry: null,
    });
  });

  it('passes a metric that has stood exactly at its threshold, although 0.7 + 0.7 + 0.7 < 3 x 0.7', () => {
    const steps = run(repeat(3, { accuracy: 0.7, loss: 1 }));
    expect(steps.at(-1)?.reason.code).toBe('patience');
  });

  it('passes only if all criteria of the stage do', () => {
    const high = { accuracy: 0.95, loss: 0.9 };
    const [missed] = run([high], { from: inMedium(high) });
    expect(missed?.reason).toMatchObject({
      code: 'missed',
      message: "Stays in 'medium': loss 0.9 misses <= 0.5",
    });
    const both = { accuracy: 0.95, loss: 0.5 };
    const [passed] = run([both], { from: inMedium(both) });
    expect(passed?.reason).toMatchObject({
      code: 'patience',
      message:
        "Stays in 'medium': passed 1 of 2 times in a row, accuracy 0.95 passes >= 0.9, loss 0.5 passes <= 0.5",
    });
  });

  it('takes the entry value in the first call after the cooldown, not before', () => {
    const calls = [
      ...repeat(4, { accuracy: 0.8, loss: 1 }),
      ...repeat(3, { accuracy: 0.3, loss: 1 }),
      { accuracy: 0.3, loss: 1 },
    ];
    const steps = run(calls);
    expect(steps.map(({ state }) => state.entry?.['accuracy'] ?? null)).toEqual([
      null,
      null,
      0.8,
      null,
      null,
      null,
      null,
      0.3,
    ]);
    expect(steps.at(-1)?.reason.code).toBe('missed');
  });

  it('keeps the entry value as the metrics move on', () => {
    const better = { accuracy: 0.85, loss: 0.8 };
    const [step] = run([better], { from: inMedium(better) });
    expect(step?.state.entry).toEqual({ accuracy: 0.8, loss: 1 });
  });

  it('goes back one stage when any metric falls too far, and starts a cooldown', () => {
    const worse = { accuracy: 0.74, loss: 0.4 };
    const [step] = run([worse], { from: inMedium(worse) });
    expect(step).toMatchObject({
      decision: 'rollback',
      reason: {
        code: 'rolled-back',
        from: 'medium',
        to: 'simple',
        message: "Goes back from 'medium' to 'simple': accuracy went from 0.8 at its entry to 0.74",
      },
      state: { stage: 'simple', cooldown: 3, patience: 0, entry: null },
    });
  });

  it('counts a growing loss as a fall', () => {
    const worse = { accuracy: 0.8, loss: 1.06 };
    const [step] = run([worse], { from: inMedium(worse) });
    expect(step?.decision).toBe('rollback');
    const slightlyWorse = { accuracy: 0.8, loss: 1.04 };
    const [other] = run([slightlyWorse], { from: inMedium(slightlyWorse) });
    expect(other?.decision).toBe('stay');
  });

  it('bears a fall of exactly the threshold', () => {
    const changes = { rollbackThreshold: -0.25 };
    const atThreshold = {
      ...inMedium({ accuracy: 0.5, loss: 1 }),
      entry: { accuracy: 0.75, loss: 1 },
    };
    const [step] = run([{ accuracy: 0.5, loss: 1 }], { from: atThreshold, changes });
    expect(step?.reason).toMatchObject({ code: 'missed', checks: [{ change: -0.25 }, {}] });
  });

  it('goes back even where the exit would pass', () => {
    const from = {
      ...inMedium({ accuracy: 0.91, loss: 0.4 }),
      entry: { accuracy: 0.99, loss: 0.4 },
    };
    const [step] = run([{ accuracy: 0.91, loss: 0.4 }], { from });
    expect(step?.decision).toBe('rollback');
  });

  it('goes on with the exit test at the first stage, which has none before it', () => {
    const calls = [
      ...repeat(3, { accuracy: 0.6, loss: 1 }),
      ...repeat(3, { accuracy: 0.1, loss: 1 }),
    ];
    const steps = run(calls, { changes: { patienceCycles: 5 } });
    expect(codes(steps).slice(2)).toEqual(['missed', 'missed', 'missed', 'missed']);
    const fallen = steps.at(-1)?.reason;
    expect(fallen).toMatchObject({ checks: [{ hasFallen: true, passes: false }] });
  });

  it('stays at the last stage, but still goes back from it', () => {
    const from: CurriculumState = {
      ...inMedium({ accuracy: 0.99, loss: 1 }),
      stage: 'hard',
      entry: { accuracy: 0.96 },
    };
    const steps = run(
      [...repeat(3, { accuracy: 0.99, loss: 1 }), ...repeat(1, { accuracy: 0.5, loss: 1 })],
      { from },
    );
    expect(codes(steps)).toEqual(['last-stage', 'last-stage', 'last-stage', 'rolled-back']);
    expect(steps[2]?.state.patience).toBe(0);
  });

  it('works without any criterion, in a curriculum of one stage', () => {
    const steps = run([{}, {}], { changes: { stages: [{ name: 'only', exit: [] }] } });
    expect(codes(steps)).toEqual(['last-stage', 'last-stage']);
  });

  it('names a tracked metric that is missing, also one that Object.prototype has', () => {
    expect(thrownBy(() => run([{ accuracy: 0.5, epoch: 1 }]))).toMatchObject({
      code: 'CURRICULUM_METRIC_MISSING',
      message: "The curriculum needs the metric 'loss': got accuracy, epoch",
    });
    const stages = [{ name: 'only', exit: [{ metric: 'constructor', threshold: 0 }] }];
    expect(() => run([{}], { changes: { stages } })).toThrow(
      "The curriculum needs the metric 'constructor': got none",
    );
  });

  it('ignores metrics that no criterion names, even where they are not finite', () => {
    const [step] = run([{ accuracy: 0.5, loss: 1, 'grad/norm': NaN }]);
    expect(Object.keys(step?.state.history ?? {})).toEqual(['accuracy', 'loss']);
  });

  it('stores -0 as 0, which JSON keeps', () => {
    const [step] = run([{ accuracy: -0, loss: 1 }]);
    expect(step?.state.history['accuracy']).toEqual([0]);
  });

  it('returns frozen states and leaves the given one alone', () => {
    const config = resolveCurriculumConfig(options);
    const before = initialCurriculumState(config);
    const { state } = stepCurriculum(before, { accuracy: 0.5, loss: 1 }, config);
    expect(before.history['accuracy']).toEqual([]);
    for (const part of [state, state.history, state.history['accuracy']]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('refuses a state of another configuration', () => {
    const config = resolveCurriculumConfig(options);
    const state = initialCurriculumState(config);
    expect(() => stepCurriculum({ ...state, stage: 'easy' }, {}, config)).toThrow(
      "Cannot step a curriculum: its stages do not include 'easy'",
    );
    expect(() =>
      stepCurriculum({ ...state, history: {} }, { accuracy: 1, loss: 1 }, config),
    ).toThrow("Cannot step a curriculum: its state lacks the metric 'accuracy'");
  });
});
