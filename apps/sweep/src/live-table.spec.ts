import { SweepFolder, type TrialOutcome } from '@pixelis/sweep';
import { LiveTable, type LiveTableOptions } from './live-table';

const folder = new SweepFolder({ out: 'out', tag: 'lr' });

/**
 * What a terminal shows that understands what is used: back to the first column, up so many lines, clear from here, and whether
 * a line that is too long is broken or cut. It breaks lines anew when it becomes narrower, as most do.
 */
class FakeTerminal {
  lines = [''];
  #column = 0;
  #isWrapping = true;
  constructor(
    public columns: number,
    readonly rows: number,
  ) {}

  write(text: string): void {
    for (const part of text.split(/(\x1b\[\??\d*[A-Za-z]|[\n\r])/)) {
      const up = /^\x1b\[(\d+)A$/.exec(part);
      if (up !== null) this.#below(this.lines.length - 1 - Number(up[1]));
      else if (part === '\x1b[J') this.#put('', { isLast: true });
      else if (part === '\x1b[?7l' || part === '\x1b[?7h') this.#isWrapping = part.endsWith('h');
      else if (part === '\n') this.#newLine();
      else if (part === '\r') this.#column = 0;
      else for (const character of part) this.#type(character);
    }
  }

  resize(columns: number): void {
    this.columns = columns;
    this.lines = this.lines.flatMap((line) => {
      const count = Math.max(1, Math.ceil(line.length / columns));
      return Array.from({ length: count }, (_, at) => line.slice(at * columns, (at + 1) * columns));
    });
  }

  /** The lines from here on are only kept to be cleared next, as every drawing does. */
  #below(line: number): void {
    this.lines.splice(line + 1);
  }

  #newLine(): void {
    this.lines.push('');
    this.#column = 0;
  }

  #type(character: string): void {
    if (this.#column >= this.columns && this.#isWrapping) this.#newLine();
    if (this.#column < this.columns) this.#put(character);
    this.#column += 1;
  }

  #put(text: string, { isLast = false } = {}): void {
    const line = this.lines.pop() ?? '';
    const rest = isLast ? '' : line.slice(this.#column + text.length);
    this.lines.push(`${line.slice(0, this.#column).padEnd(this.#column)}${text}${rest}`);
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

function tableOn(
  terminal: FakeTerminal,
  { trials = 4, ...options }: Partial<LiveTableOptions> & { trials?: number } = {},
): LiveTable {
  const table = new LiveTable({
    ...{ terminal, metric: 'loss/val', direction: 'min', shape: { steps: 8, halving: null } },
    intervalMs: 3_600_000,
    nowMs: () => 0,
    progressOf: ({ trial }) => ({ step: trial, value: trial === 1 ? undefined : 1.23456 }),
    ...options,
  });
  table.show({ kind: 'opened', folder, isResumed: false, trials });
  for (let trial = 1; trial <= trials; trial += 1)
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
      '░░░░░░░░░░░░░░░░░░░░░░░░ 0/4 trials, 2 running',
      '  0001  1/8  loss/val -         seed=1',
      '  0002  2/8  loss/val 1.235     seed=2',
      '',
    ]);
  });

  it('LiveTable draws over itself, leaves what is said above it, and shows the best trial with its parameters', () => {
    const terminal = new FakeTerminal(100, 24);
    const table = tableOn(terminal);
    table.show({ kind: 'started', trial: 1 });
    table.show({ kind: 'started', trial: 2 });
    table.show({ kind: 'ended', trial: 1 });
    table.show({ kind: 'decided', outcome: outcome(1), isEarlier: false });
    table.show({ kind: 'ended', trial: 2 });
    table.show({ kind: 'decided', outcome: failure(2, 'no data'), isEarlier: false });
    table.stop();
    expect(terminal.lines).toEqual([
      'sweep lr in out/sweeps/lr',
      'warning: trial 0002 failed: no data',
      '████████████░░░░░░░░░░░░ 2/4 trials, 1 failed',
      'best 0001: loss/val 0.5, seed=1',
      '',
    ]);
  });

  it('LiveTable writes over the ^C that a terminal shows where the cursor stands', () => {
    const terminal = new FakeTerminal(100, 24);
    const table = tableOn(terminal);
    table.show({ kind: 'started', trial: 1 });
    terminal.write('^C');
    table.warn('stopping');
    table.stop();
    expect(terminal.lines).toEqual([
      'sweep lr in out/sweeps/lr',
      'warning: stopping',
      '░░░░░░░░░░░░░░░░░░░░░░░░ 0/4 trials, 1 running',
      '  0001  1/8  loss/val -         seed=1',
      '',
    ]);
  });

  it('LiveTable leaves nothing of what was drawn before the terminal became narrower', () => {
    const terminal = new FakeTerminal(100, 24);
    const table = tableOn(terminal);
    table.show({ kind: 'started', trial: 1 });
    terminal.resize(26);
    table.show({ kind: 'started', trial: 2 });
    table.stop();
    expect(terminal.lines).toEqual([
      'sweep lr in out/sweeps/lr',
      '0/4 trials, 2 running',
      '  0001  1/8  loss/val - …',
      '  0002  2/8  loss/val 1.…',
      '',
    ]);
  });

  it('LiveTable shows a message of many lines that steers terminals as plain text, whole', () => {
    const terminal = new FakeTerminal(40, 24);
    const table = tableOn(terminal);
    const message = `broken\n\u001b[2J${'x'.repeat(60)}`;
    table.show({ kind: 'decided', outcome: failure(1, message), isEarlier: false });
    table.show({ kind: 'started', trial: 2 });
    table.stop();
    expect(terminal.lines.slice(1, 4).join('')).toBe(
      `warning: trial 0001 failed: broken ${'x'.repeat(60)}`,
    );
    expect(terminal.lines).toHaveLength(7);
  });

  it.each([
    [30, 6],
    [60, 12],
    [80, 24],
    [120, 8],
    [200, 3],
  ])(
    'LiveTable never draws more lines or longer ones than a terminal of %i × %i has',
    (columns, rows) => {
      const terminal = new FakeTerminal(columns, rows);
      const table = tableOn(terminal, { trials: 99 });
      table.show({ kind: 'decided', outcome: outcome(99), isEarlier: false });
      for (let trial = 1; trial <= 40; trial += 1) table.show({ kind: 'started', trial });
      table.stop();
      const drawn = terminal.lines.slice(1);
      expect(drawn.length).toBeLessThanOrEqual(Math.max(rows, 4));
      expect(drawn.at(-2)).toMatch(/^ {2}and \d+ more$/);
      const shown = drawn.filter((line) => /^ {2}00/.test(line)).length;
      expect(Number(/\d+/.exec(drawn.at(-2)!)![0]) + shown).toBe(40);
      for (const line of drawn) expect(line.length).toBeLessThan(columns);
      expect(drawn[0]).toContain('1/99 trials, 40 running');
    },
  );

  it('LiveTable says how long it will take, as soon as that can be told', () => {
    const terminal = new FakeTerminal(100, 24);
    let nowMs = 0;
    let step = 0;
    const table = tableOn(terminal, {
      nowMs: () => nowMs,
      progressOf: () => ({ step, value: undefined }),
    });
    table.show({ kind: 'started', trial: 1 });
    [nowMs, step] = [10_000, 2];
    table.show({ kind: 'started', trial: 2 });
    // 2 steps of 32 in 10 s. Trial 2 had come to step 2 before.
    expect(terminal.lines[1]).toContain('about 2 min left');
    table.stopping('stopping');
    expect(terminal.lines[1]).toBe('warning: stopping');
    expect(terminal.lines[2]).toMatch(/0\/4 trials, 2 running$/);
    table.stop();
  });

  it('LiveTable leaves no time standing that is left when it ends', () => {
    const terminal = new FakeTerminal(100, 24);
    let nowMs = 0;
    const table = tableOn(terminal, { nowMs: () => nowMs });
    table.show({ kind: 'started', trial: 1 });
    nowMs = 10_000;
    table.show({ kind: 'compared', trial: 1, steps: 4, value: 0.5 });
    table.show({ kind: 'started', trial: 2 });
    expect(terminal.lines[1]).toContain(' left');
    table.stop();
    expect(terminal.lines[1]).toMatch(/0\/4 trials, 2 running$/);
  });
});

// Helpers

function failure(trial: number, message: string): TrialOutcome {
  const error = { code: 'X', message, exit_code: 4 };
  return outcome(trial, { state: 'FAILED', value: null, error });
}
