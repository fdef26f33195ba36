import {
  clipped,
  onOneLine,
  shortNumber,
  type SweepEvent,
  type TrialProgress,
} from '@pixelis/sweep';
import { describeShortly, formatTimeLeft } from './display-text';
import type { SweepDisplay } from './sweep-display';
import { type ShownTrial, SweepState, type SweepStateOptions } from './sweep-state';

/** What a {@link LiveTable} draws on. */
export interface Terminal {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** What {@link LiveTable} shows, and where. */
export interface LiveTableOptions extends SweepStateOptions {
  readonly terminal: Terminal;
  readonly metric: string;
  /** How far a trial has come. */
  readonly progressOf: (trial: ShownTrial) => TrialProgress;
  /** Time between two drawings. Default: 500. */
  readonly intervalMs?: number;
}

/** The bar takes what the words leave, within these bounds. */
const BAR_WIDTH = { least: 6, most: 24 };

/** A line that is longer than the terminal is cut by it, not broken into two: what is drawn stays as high as it is counted. */
const WRAP = { off: '\x1b[?7l', on: '\x1b[?7h' };

/** Shows how a sweep goes by a table of the running trials, drawn over itself. What is said stands above it. */
export class LiveTable implements SweepDisplay {
  readonly #options: LiveTableOptions;
  readonly #state: SweepState;
  readonly #timer: NodeJS.Timeout;
  #drawn: readonly string[] = [];

  constructor(options: LiveTableOptions) {
    this.#options = options;
    this.#state = new SweepState(options);
    this.#timer = setInterval(() => this.#draw(), options.intervalMs ?? 500).unref();
  }

  get durationsMs(): ReadonlyMap<number, number> {
    return this.#state.durationsMs;
  }

  show(event: SweepEvent): void {
    this.#state.add(event, (trial) => this.#options.progressOf(trial).step);
    const nameOf = (trial: number): string => this.#state.shown(trial)?.name ?? String(trial);
    if (event.kind === 'opened') {
      const { folder, isResumed } = event;
      this.say(`sweep ${folder.tag}${isResumed ? ', resumed,' : ''} in ${folder.directory}`);
    }
    if (event.kind === 'warning') this.warn(event.message);
    if (event.kind === 'lost')
      this.warn(`the process of trial ${nameOf(event.trial)} vanished: it is started again`);
    if (event.kind === 'decided' && !event.isEarlier && event.outcome.error !== null) {
      const { trial, error } = event.outcome;
      this.warn(`trial ${nameOf(trial)} failed: ${error.message}`);
    }
    if (event.kind === 'started' || event.kind === 'ended') this.#draw();
  }

  say(line: string): void {
    this.#options.terminal.write(`${this.#erasing()}${onOneLine(line)}\n`);
    this.#draw();
  }

  warn(line: string): void {
    this.say(`warning: ${line}`);
  }

  stopping(line: string): void {
    this.#state.stop();
    this.warn(line);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#state.stop();
    this.#draw();
    this.#drawn = [];
  }

  #draw(): void {
    if (this.#state.folder === undefined) return;
    const lines = this.#lines();
    const text = `${WRAP.off}${lines.map((line) => `${line}\n`).join('')}${WRAP.on}`;
    this.#options.terminal.write(`${this.#erasing()}${text}`);
    this.#drawn = lines;
  }

  /**
   * Moves up over what was drawn, and clears from there on. The first column first: the terminal may have written `^C` where the
   * cursor stood. A terminal that became narrower has broken lines that were longer.
   */
  #erasing(): string {
    const { columns } = sizeOf(this.#options.terminal);
    const height = this.#drawn
      .map((line) => Math.max(1, Math.ceil(lengthOf(line) / columns)))
      .reduce((sum, rows) => sum + rows, 0);
    this.#drawn = [];
    return `\r${height === 0 ? '' : `\x1b[${height}A`}\x1b[J`;
  }

  #lines(): string[] {
    const { columns, rows } = sizeOf(this.#options.terminal);
    const { running } = this.#state;
    const progress = new Map(
      running.map((trial) => [trial.trial, this.#options.progressOf(trial)]),
    );
    const head = [
      this.#overview(columns, ({ trial }) => progress.get(trial)?.step ?? 0),
      ...this.#best(),
    ];
    // Below stands the line of the cursor, and one stays free.
    const room = Math.max(1, rows - 2 - head.length);
    const shown = running.length > room ? running.slice(0, room - 1) : running;
    const rest = running.length - shown.length;
    const lines = [
      ...head,
      ...shown.map((trial) => this.#line(trial, progress.get(trial.trial))),
      ...(rest > 0 ? [`  and ${rest} more`] : []),
    ];
    return lines.map((line) => clipped(onOneLine(line), columns - 1));
  }

  #overview(columns: number, stepOf: (trial: ShownTrial) => number): string {
    const { decided, trials, failed, stopped, running } = this.#state;
    const leftMs = this.#state.leftMs(stepOf);
    const words = [
      `${decided}/${trials} trials`,
      ...(running.length > 0 ? [`${running.length} running`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(stopped > 0 ? [`${stopped} stopped`] : []),
      ...(leftMs === undefined ? [] : [formatTimeLeft(leftMs)]),
    ].join(', ');
    const width = Math.min(BAR_WIDTH.most, columns - 2 - lengthOf(words));
    if (width < BAR_WIDTH.least) return words;
    const filled = Math.round((width * decided) / Math.max(1, trials));
    return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${words}`;
  }

  #best(): string[] {
    const { best } = this.#state;
    if (best === undefined) return [];
    const { name, value, atStep, parameters } = best;
    const at = atStep === undefined ? '' : ` at step ${atStep}`;
    const result = `${this.#options.metric} ${shortNumber(value)}${at}`;
    return [`best ${name}: ${result}, ${describeShortly(parameters)}`];
  }

  #line(trial: ShownTrial, { step, value }: TrialProgress = { step: 0, value: undefined }): string {
    const steps = this.#state.stepsOf(trial);
    const result = value === undefined ? '-' : shortNumber(value);
    const place = `${step}/${String(steps)}`.padStart(2 * String(steps).length + 1);
    return `  ${trial.name}  ${place}  ${this.#options.metric} ${result.padEnd(8)}  ${describeShortly(trial.parameters)}`;
  }
}

/** A terminal that does not know its size says 0. */
function sizeOf({ columns, rows }: Terminal): { columns: number; rows: number } {
  return { columns: columns || 80, rows: rows || 24 };
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}
