import { SweepFolder, type TrialOutcome } from '@pixelis/sweep';
import type { Logger } from '@pixelis/tracing';
import { EventLines } from './event-lines';

const folder = new SweepFolder({ out: 'out', tag: 'lr' });

afterEach(() => jest.useRealTimers());

describe('EventLines', () => {
  it('EventLines says with each outcome how many trials are done, run and failed, which is the best, and what is left', () => {
    const { lines, said, at } = linesOf(4);
    for (const trial of [1, 2]) lines.show({ kind: 'started', trial });
    at(4000);
    lines.show({ kind: 'ended', trial: 1 });
    lines.show({ kind: 'decided', outcome: outcomeOf(1, 0.5), isEarlier: false });
    lines.show({ kind: 'started', trial: 3 });
    at(8000);
    lines.show({ kind: 'ended', trial: 2 });
    lines.show({ kind: 'decided', outcome: outcomeOf(2, null), isEarlier: false });
    lines.show({ kind: 'ended', trial: 3 });
    lines.show({ kind: 'decided', outcome: outcomeOf(3, 0.75), isEarlier: false });
    expect(said.filter((line) => /complete|failed/.test(line))).toEqual([
      'info trial 0001 is complete after 4.0 s: loss/val is 0.5, the best so far (1 of 4 trials, 1 running, best 0001 with 0.5, about 12 s left)',
      'error trial 0002 failed: no data (2 of 4 trials, 1 running, 1 failed, best 0001 with 0.5, about 8.0 s left)',
      'info trial 0003 is complete after 4.0 s: loss/val is 0.75 (3 of 4 trials, 1 failed, best 0001 with 0.5, about 2.0 s left)',
    ]);
    expect(said).toContain('info trial 0001 runs: training.seed=1');
  });

  it('EventLines counts the steps of running trials for the time left', () => {
    const { lines, said, at, steps } = linesOf(3);
    for (const trial of [1, 2]) lines.show({ kind: 'started', trial });
    at(4000);
    steps.set('lr-0002', 4);
    lines.show({ kind: 'ended', trial: 1 });
    lines.show({ kind: 'decided', outcome: outcomeOf(1, 0.5), isEarlier: false });
    // 12 steps in 4 s, and 12 are left.
    expect(said.at(-1)).toContain('about 4.0 s left');
  });

  it('EventLines tells once a minute how far it is while nothing else is to be told', () => {
    jest.useFakeTimers();
    const { lines, said, at, steps } = linesOf(4);
    jest.advanceTimersByTime(60_000);
    for (const trial of [1, 2]) lines.show({ kind: 'started', trial });
    const before = said.length;
    steps.set('lr-0001', 3).set('lr-0002', 5);
    at(16_000);
    jest.advanceTimersByTime(59_999);
    expect(said).toHaveLength(before);
    jest.advanceTimersByTime(1);
    expect(said.slice(before)).toEqual([
      'info 0 of 4 trials, 2 running, about 48 s left (0001 at 3/8, 0002 at 5/8)',
    ]);
    lines.show({ kind: 'ended', trial: 1 });
    jest.advanceTimersByTime(30_000);
    lines.show({ kind: 'decided', outcome: outcomeOf(1, 0.5), isEarlier: false });
    jest.advanceTimersByTime(59_999);
    expect(said).toHaveLength(before + 2);
    jest.advanceTimersByTime(1);
    expect(said.at(-1)).toMatch(/^info 1 of 4 trials, 1 running, best 0001 .* \(0002 at 5\/8\)$/);
    lines.stop();
    jest.advanceTimersByTime(600_000);
    expect(said).toHaveLength(before + 3);
  });

  it('EventLines names no more than eight of the running trials', () => {
    jest.useFakeTimers();
    const { lines, said } = linesOf(10);
    for (let trial = 1; trial <= 10; trial += 1) lines.show({ kind: 'started', trial });
    jest.advanceTimersByTime(60_000);
    lines.stop();
    expect(said.at(-1)).toMatch(/, 0008 at 0\/8, 2 more\)$/);
  });

  it('EventLines says of a sweep that goes on how many of its trials are decided already', () => {
    expect(linesOf(4, { decided: 3 }).said[0]).toMatch(
      /^info sweep lr resumed in .*, trials: 4, decided already: 3$/,
    );
    expect(linesOf(4).said[0]).toMatch(/^info sweep lr begun in .*, trials: 4$/);
  });

  it('EventLines tells of no time that is left once the sweep is asked to stop', () => {
    const { lines, said, at } = linesOf(4);
    for (const trial of [1, 2]) lines.show({ kind: 'started', trial });
    at(4000);
    lines.stopping('stopping');
    lines.show({ kind: 'ended', trial: 1 });
    lines.show({ kind: 'decided', outcome: outcomeOf(1, 0.5), isEarlier: false });
    expect(said.slice(-2)).toEqual([
      'warn stopping',
      expect.stringMatching(/the best so far \(1 of 4 trials, 1 running, best 0001 with 0.5\)$/),
    ]);
  });

  it('EventLines says nothing of what an earlier process decided', () => {
    const { lines, said } = linesOf(2);
    const before = said.length;
    lines.show({ kind: 'decided', outcome: outcomeOf(1, 0.5), isEarlier: true });
    expect(said).toHaveLength(before);
  });
});

// Helpers

function outcomeOf(trial: number, value: number | null): TrialOutcome {
  return {
    outcome_version: 1,
    trial,
    run_id: folder.runId(trial),
    state: value === null ? 'FAILED' : 'COMPLETED',
    value,
    steps: value === null ? 0 : 8,
    results: {},
    rungs: [],
    error: value === null ? { code: 'X', message: 'no data', exit_code: 4 } : null,
  };
}

/** What is logged of a sweep of trials of 8 steps, with a clock that is set by hand. */
function linesOf(trials: number, { decided = 0 } = {}) {
  let nowMs = 0;
  const said: string[] = [];
  const steps = new Map<string, number>();
  const logged = (level: string) => (line: unknown) => void said.push(`${level} ${String(line)}`);
  const logger: Pick<Logger, 'info' | 'warn' | 'error'> = {
    info: logged('info'),
    warn: logged('warn'),
    error: logged('error'),
  };
  const lines = new EventLines({
    ...{ logger, metric: 'loss/val', direction: 'min', shape: { steps: 8, halving: null } },
    nowMs: () => nowMs,
    progressOf: ({ runId }) => ({ step: steps.get(runId) ?? 0, value: undefined }),
  });
  lines.show({ kind: 'opened', folder, isResumed: decided > 0, trials, decided });
  for (let trial = 1; trial <= trials; trial += 1)
    lines.show({ kind: 'proposed', trial, parameters: { 'training.seed': trial } });
  return { lines, said, steps, at: (ms: number) => void (nowMs = ms) };
}
