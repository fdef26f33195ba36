import { SweepFolder, type TrialOutcome } from '@pixelis/sweep';
import { SweepState } from './sweep-state';
import type { SweepShape } from './time-left';

const folder = new SweepFolder({ out: 'out', tag: 'lr' });
const PLAIN: SweepShape = { steps: 100, halving: null };
const HALVING: SweepShape = { steps: 90, halving: { minimumSteps: 10, reductionFactor: 3 } };

describe('SweepState', () => {
  it('SweepState estimates the time that is left by the steps that are left', () => {
    const { state, at, start, complete } = sweepOf(4, PLAIN);
    at(1000);
    start(1);
    start(2);
    expect(state.leftMs()).toBeUndefined();
    at(11_000);
    expect(state.leftMs(() => 50)).toBeCloseTo(30_000);
    at(21_000);
    complete(1);
    complete(2);
    expect(state.leftMs()).toBeCloseTo(20_000);
    complete(3);
    complete(4);
    expect(state.leftMs()).toBeUndefined();
  });

  it('SweepState takes no account of the speed of an earlier process', () => {
    const { state, at, start, complete } = sweepOf(4, PLAIN);
    complete(1, { isEarlier: true });
    complete(2, { isEarlier: true });
    start(3, 60);
    at(10_000);
    // 20 steps in 10 s, and 20 + 100 are left.
    expect(state.leftMs(() => 80)).toBeCloseTo(60_000);
  });

  it('SweepState expects nothing more of a trial that failed, and as many steps as a trial varies', () => {
    const { state, at, start, fail } = sweepOf(3, PLAIN, [50, 100, 200]);
    start(1);
    start(2);
    at(10_000);
    fail(2, 10);
    // 40 steps in 10 s of one of two processes; 10 of trial 1 are left, and 200 of trial 3.
    expect(state.leftMs(() => 40)).toBeCloseTo(26_250);
  });

  it('SweepState takes neither the steps nor the time of a trial that failed for a rate', () => {
    const { state, at, start, fail, complete } = sweepOf(4, PLAIN);
    start(1);
    at(5000);
    fail(1, 99);
    start(2);
    at(7000);
    expect(state.leftMs(() => 0)).toBeUndefined();
    at(15_000);
    complete(2);
    // 100 steps in 10 s, and 200 are left.
    expect(state.leftMs()).toBeCloseTo(20_000);
  });

  it('SweepState tells no time before a trial has come to its end, or far enough for long enough', () => {
    const { state, at, start } = sweepOf(4, PLAIN);
    start(1);
    at(9999);
    expect(state.leftMs(() => 50)).toBeUndefined();
    at(10_000);
    expect(state.leftMs(() => 50)).toBeCloseTo(70_000);
    const slow = sweepOf(4, PLAIN);
    slow.start(1);
    slow.at(60_000);
    expect(slow.state.leftMs(() => 9)).toBeUndefined();
    expect(slow.state.leftMs(() => 10)).toBeCloseTo(2_340_000);
  });

  it('SweepState knows that halving lets few trials come to their end', () => {
    const { state, at, start } = sweepOf(9, HALVING);
    // 9 come to step 10, 3 to step 30, 1 to step 90: 210 steps.
    for (let trial = 1; trial <= 9; trial += 1) start(trial);
    at(9000);
    for (let trial = 1; trial <= 9; trial += 1)
      state.add({ kind: 'compared', trial, steps: 10, value: trial });
    expect(state.leftMs()).toBeCloseTo(12_000);
  });

  it('SweepState has the best of what was compared last until a trial is complete', () => {
    const { state, complete } = sweepOf(3, HALVING);
    expect(state.best).toBeUndefined();
    state.add({ kind: 'compared', trial: 1, steps: 10, value: 0.1 });
    state.add({ kind: 'compared', trial: 2, steps: 10, value: 0.3 });
    expect(state.best).toMatchObject({ trial: 1, value: 0.1, atStep: 10 });
    state.add({ kind: 'compared', trial: 2, steps: 30, value: 0.2 });
    expect(state.best).toMatchObject({ trial: 2, name: '0002', value: 0.2, atStep: 30 });
    complete(3);
    expect(state.best).toMatchObject({ trial: 3, value: 0.5, atStep: undefined });
  });

  it('SweepState adds up how long the processes of a trial ran', () => {
    const { state, at, start } = sweepOf(2, PLAIN);
    start(1);
    at(1500);
    state.add({ kind: 'ended', trial: 1 });
    at(3000);
    start(1);
    at(3500);
    state.add({ kind: 'ended', trial: 1 });
    expect([...state.durationsMs]).toEqual([[1, 2000]]);
  });
});

// Helpers

function outcomeOf(trial: number, changes: Partial<TrialOutcome> = {}): TrialOutcome {
  return {
    outcome_version: 1,
    trial,
    run_id: folder.runId(trial),
    state: 'COMPLETED',
    value: 0.5,
    steps: 100,
    results: {},
    rungs: [],
    error: null,
    ...changes,
  };
}

/** A sweep that was opened at 0 ms, whose clock is set by hand. */
function sweepOf(trials: number, shape: SweepShape, varied: readonly number[] = []) {
  let nowMs = 0;
  const state = new SweepState({ direction: 'min', shape, nowMs: () => nowMs });
  state.add({ kind: 'opened', folder, isResumed: false, trials });
  for (let trial = 1; trial <= trials; trial += 1) {
    const steps = varied[trial - 1];
    const parameters = steps === undefined ? {} : { 'training.steps': steps };
    state.add({ kind: 'proposed', trial, parameters });
  }
  return {
    state,
    at: (ms: number) => void (nowMs = ms),
    fail: (trial: number, steps: number) => {
      const outcome = outcomeOf(trial, { state: 'FAILED', value: null, steps });
      state.add({ kind: 'ended', trial });
      state.add({ kind: 'decided', outcome, isEarlier: false });
    },
    start: (trial: number, step = 0) => state.add({ kind: 'started', trial }, () => step),
    complete: (trial: number, { isEarlier = false } = {}) => {
      state.add({ kind: 'ended', trial });
      state.add({ kind: 'decided', outcome: outcomeOf(trial), isEarlier });
    },
  };
}
