import type { SweepEvent, TrialProgress } from '@pixelis/sweep';
import { describeParameters } from './event-lines';
import type { SweepDisplay } from './sweep-display';
import { type ShownTrial, SweepState } from './sweep-state';

/** What a {@link LiveTable} draws on. */
export interface Terminal {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** What {@link LiveTable} shows, and where. */
export interface LiveTableOptions {
  readonly terminal: Terminal;
  readonly metric: string;
  readonly direction: 'min' | 'max';
  /** Steps of a trial that does not vary them. */
  readonly steps: number;
  /** How far a trial has come. */
  readonly progressOf: (trial: ShownTrial) => TrialProgress;
  /** Time between two drawings. Default: 500. */
  readonly intervalMs?: number;
}

const BAR_WIDTH = 24;

/** Shows how a sweep goes by a table of the running trials, drawn over itself. What is said stands above it. */
export class LiveTable implements SweepDisplay {
  readonly #options: LiveTableOptions;
  readonly #state: SweepState;
  readonly #timer: NodeJS.Timeout;
  #linesDrawn = 0;

  constructor(options: LiveTableOptions) {
    this.#options = options;
    this.#state = new SweepState(options.direction);
    this.#timer = setInterval(() => this.#draw(), options.intervalMs ?? 500).unref();
  }

  show(event: SweepEvent): void {
    this.#state.add(event);
    if (event.kind === 'opened') {
      const { folder, isResumed } = event;
      this.say(`sweep ${folder.tag}${isResumed ? ', resumed,' : ''} in ${folder.directory}`);
    }
    if (event.kind === 'warning') this.warn(event.message);
    if (event.kind === 'lost')
      this.warn(`the process of trial ${event.trial} vanished: it is started again`);
    if (event.kind === 'decided' && !event.isEarlier && event.outcome.error !== null)
      this.warn(`trial ${event.outcome.trial} failed: ${event.outcome.error.message}`);
    if (event.kind === 'started' || event.kind === 'ended') this.#draw();
  }

  say(line: string): void {
    this.#options.terminal.write(`${this.#erasing()}${line}\n`);
    this.#draw();
  }

  warn(line: string): void {
    this.say(`warning: ${line}`);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#draw();
    this.#linesDrawn = 0;
  }

  #draw(): void {
    if (this.#state.folder === undefined) return;
    const lines = this.#lines();
    const text = lines.map((line) => `${line}\n`).join('');
    this.#options.terminal.write(`${this.#erasing()}${text}`);
    this.#linesDrawn = lines.length;
  }

  /** Moves up over what was drawn, and clears from there on. */
  #erasing(): string {
    const count = this.#linesDrawn;
    this.#linesDrawn = 0;
    return count === 0 ? '' : `\x1b[${count}A\x1b[J`;
  }

  #lines(): string[] {
    const { columns, rows } = sizeOf(this.#options.terminal);
    const { running } = this.#state;
    const shown = running.slice(0, Math.max(1, rows - 4));
    const rest = running.length - shown.length;
    const lines = [
      this.#overview(),
      ...shown.map((trial) => this.#line(trial)),
      ...(rest > 0 ? [`  and ${rest} more`] : []),
    ];
    // A line that the terminal breaks would count as two.
    return lines.map((line) =>
      Array.from(line)
        .slice(0, columns - 1)
        .join(''),
    );
  }

  #overview(): string {
    const { decided, trials, failed, best } = this.#state;
    const filled = Math.round((BAR_WIDTH * decided) / Math.max(1, trials));
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
    const parts = [`sweep ${bar} ${decided}/${trials} trials`];
    if (failed > 0) parts.push(`${failed} failed`);
    if (best !== undefined)
      parts.push(`best ${this.#options.metric} ${shortNumber(best.value)} (trial ${best.trial})`);
    return parts.join(' | ');
  }

  #line(trial: ShownTrial): string {
    const { step, value } = this.#options.progressOf(trial);
    const varied = trial.parameters['training.steps'];
    const steps = typeof varied === 'number' ? varied : this.#options.steps;
    const result = value === undefined ? '-' : shortNumber(value);
    const place = `${step}/${String(steps)}`.padStart(2 * String(steps).length + 1);
    return `  ${trial.name}  ${place}  ${this.#options.metric} ${result.padEnd(8)}  ${describeParameters(trial.parameters)}`;
  }
}

/** A terminal that does not know its size says 0. */
function sizeOf({ columns, rows }: Terminal): { columns: number; rows: number } {
  return { columns: columns || 80, rows: rows || 24 };
}

function shortNumber(value: number | null): string {
  return value === null ? '-' : String(Number(value.toPrecision(4)));
}
