import { SweepFolder, type TrialOutcome } from '@pixelis/sweep';
import type { Logger } from '@pixelis/tracing';
import { EventLines } from './event-lines';

const folder = new SweepFolder({ out: 'out', tag: 'lr' });

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
      'error trial 0002 failed: no data (2 of 4 trials, 1 running, 1 failed, best 0001 with 0.5, about 16 s left)',
      'info trial 0003 is complete after 4.0 s: loss/val is 0.75 (3 of 4 trials, 1 failed, best 0001 with 0.5, about 4.0 s left)',
    ]);
    expect(said).toContain('info trial 0001 runs: training.seed=1');
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
function linesOf(trials: number) {
  let nowMs = 0;
  const said: string[] = [];
  const logged = (level: string) => (line: unknown) => void said.push(`${level} ${String(line)}`);
  const logger: Pick<Logger, 'info' | 'warn' | 'error'> = {
    info: logged('info'),
    warn: logged('warn'),
    error: logged('error'),
  };
  const lines = new EventLines({
    ...{ logger, metric: 'loss/val', direction: 'min', shape: { steps: 8, halving: null } },
    nowMs: () => nowMs,
  });
  lines.show({ kind: 'opened', folder, isResumed: false, trials });
  for (let trial = 1; trial <= trials; trial += 1)
    lines.show({ kind: 'proposed', trial, parameters: { 'training.seed': trial } });
  return { lines, said, at: (ms: number) => void (nowMs = ms) };
}
