import { SweepFolder, type TrialOutcome } from '@pixelis/sweep';
import { LiveTable } from './live-table';

const folder = new SweepFolder({ out: 'out', tag: 'lr' });

/** What a terminal shows that understands the two sequences that are used: up so many lines, and clear from here. */
class FakeTerminal {
  lines = [''];
  constructor(
    readonly columns: number,
    readonly rows: number,
  ) {}

  write(text: string): void {
    for (const part of text.split(/(\x1b\[\d*[AJ]|\n)/)) {
      const up = /^\x1b\[(\d+)A$/.exec(part);
      if (up !== null) this.lines.splice(-1 - Number(up[1]), Infinity, '');
      else if (part === '\n') this.lines.push('');
      else if (!part.startsWith('\x1b')) this.lines.push(`${this.lines.pop()}${part}`);
    }
  }
}

function outcome(trial: number, changes: Partial<TrialOutcome> = {}): TrialOutcome {
  return {
    outcome_version: 1,
    trial,
    run_id: folder.runId(trial),
    state: 'COMPLETED',
    value: 0.5,
    steps: 8,
    results: {},
    rungs: [],
    error: null,
    ...changes,
  };
}

function tableOn(terminal: FakeTerminal): LiveTable {
  const table = new LiveTable({
    ...{ terminal, metric: 'loss/val', direction: 'min', steps: 8, intervalMs: 3_600_000 },
    progressOf: ({ trial }) => ({ step: trial, value: trial === 1 ? undefined : 1.23456 }),
  });
  table.show({ kind: 'opened', folder, isResumed: false, trials: 4 });
  for (const trial of [1, 2, 3, 4])
    table.show({ kind: 'proposed', trial, parameters: { 'training.seed': trial } });
  return table;
}

describe('LiveTable', () => {
  it('LiveTable shows each running trial with its step, its metric and its parameters', () => {
    const terminal = new FakeTerminal(100, 24);
    const table = tableOn(terminal);
    table.show({ kind: 'started', trial: 1 });
    table.show({ kind: 'started', trial: 2 });
    table.stop();
    expect(terminal.lines).toEqual([
      'sweep lr in out/sweeps/lr',
      'sweep ░░░░░░░░░░░░░░░░░░░░░░░░ 0/4 trials',
      '  0001  1/8  loss/val -         training.seed=1',
      '  0002  2/8  loss/val 1.235     training.seed=2',
      '',
    ]);
  });

  it('LiveTable draws over itself, and leaves what is said above it', () => {
    const terminal = new FakeTerminal(100, 24);
    const table = tableOn(terminal);
    table.show({ kind: 'started', trial: 1 });
    table.show({ kind: 'started', trial: 2 });
    table.show({ kind: 'ended', trial: 1 });
    table.show({ kind: 'decided', outcome: outcome(1), isEarlier: false });
    table.show({ kind: 'ended', trial: 2 });
    const error = { code: 'X', message: 'no data', exit_code: 4 };
    const failed = outcome(2, { state: 'FAILED', value: null, error });
    table.show({ kind: 'decided', outcome: failed, isEarlier: false });
    table.stop();
    expect(terminal.lines).toEqual([
      'sweep lr in out/sweeps/lr',
      'warning: trial 2 failed: no data',
      'sweep ████████████░░░░░░░░░░░░ 2/4 trials | 1 failed | best loss/val 0.5 (trial 1)',
      '',
    ]);
  });

  it('LiveTable never draws more lines or longer ones than the terminal has', () => {
    const terminal = new FakeTerminal(30, 6);
    const table = tableOn(terminal);
    for (const trial of [1, 2, 3, 4]) table.show({ kind: 'started', trial });
    table.stop();
    const drawn = terminal.lines.slice(1);
    expect(drawn).toHaveLength(5);
    expect(drawn[3]).toBe('  and 2 more');
    expect(Math.max(...drawn.map((line) => line.length))).toBe(29);
  });
});
