import {
  shortNumber,
  type SweepEvent,
  type TrialOutcome,
  type TrialProgress,
} from '@pixelis/sweep';
import type { Logger } from '@pixelis/tracing';
import { describeParameters, formatDuration, formatTimeLeft } from './display-text';
import type { SweepDisplay } from './sweep-display';
import { type ShownTrial, SweepState, type SweepStateOptions } from './sweep-state';

/** Longest time without a word, in milliseconds. */
const QUIET_MS = 60_000;

/** Running trials that are named with their steps. */
const NAMED_MAX = 8;

/** Shows how a sweep goes by a log line for each event, and one a minute while nothing happens. */
export class EventLines implements SweepDisplay {
  readonly #logger: EventLinesOptions['logger'];
  readonly #metric: string;
  readonly #state: SweepState;
  readonly #stepOf: (trial: ShownTrial) => number;
  readonly #timer: NodeJS.Timeout;

  constructor(options: EventLinesOptions) {
    this.#logger = options.logger;
    this.#metric = options.metric;
    this.#state = new SweepState(options);
    this.#stepOf = (trial) => options.progressOf(trial).step;
    this.#timer = setInterval(() => this.#showProgress(), QUIET_MS).unref();
  }

  get durationsMs(): ReadonlyMap<number, number> {
    return this.#state.durationsMs;
  }

  show(event: SweepEvent): void {
    this.#state.add(event, this.#stepOf);
    if (event.kind === 'opened') {
      const { folder, trials, isResumed, decided = 0 } = event;
      const begun = isResumed ? 'resumed' : 'begun';
      const known = decided > 0 ? `, decided already: ${decided}` : '';
      this.#logger.info(
        `sweep ${folder.tag} ${begun} in ${folder.directory}, trials: ${trials}${known}`,
      );
    }
    if (event.kind === 'started') this.#showStart(event.trial);
    if (event.kind === 'compared') {
      const { trial, steps, value } = event;
      this.#logger.info(
        `${this.#name(trial)} has come to step ${steps}: ${this.#metric} is ${value}`,
      );
    }
    if (event.kind === 'decided' && !event.isEarlier) this.#showOutcome(event.outcome);
    if (event.kind === 'lost')
      this.#logger.warn(`the process of ${this.#name(event.trial)} vanished: it is started again`);
    if (event.kind === 'warning') this.#logger.warn(event.message);
  }

  say(line: string): void {
    this.#logger.info(line);
  }

  warn(line: string): void {
    this.#logger.warn(line);
  }

  stopping(line: string): void {
    this.#state.stop();
    this.warn(line);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #showStart(trial: number): void {
    const parameters = describeParameters(this.#state.shown(trial)?.parameters ?? {});
    this.#logger.info(`${this.#name(trial)} runs: ${parameters}`);
  }

  #showOutcome({ trial, state, value, steps, error }: TrialOutcome): void {
    this.#timer.refresh();
    const name = this.#name(trial);
    const progress = this.#progress();
    if (state === 'FAILED') {
      this.#logger.error(`${name} failed: ${error?.message} (${progress})`);
      return;
    }
    const durationMs = this.#state.durationsMs.get(trial);
    const time = durationMs === undefined ? '' : ` after ${formatDuration(durationMs)}`;
    const end = state === 'COMPLETED' ? `is complete${time}` : `is stopped at step ${steps}`;
    const isBest = state === 'COMPLETED' && this.#state.best?.trial === trial;
    const best = isBest ? ', the best so far' : '';
    this.#logger.info(`${name} ${end}: ${this.#metric} is ${value}${best} (${progress})`);
  }

  #showProgress(): void {
    const { running } = this.#state;
    if (running.length === 0) return;
    const named = running
      .slice(0, NAMED_MAX)
      .map((trial) => `${trial.name} at ${this.#stepOf(trial)}/${this.#state.stepsOf(trial)}`);
    const rest = running.length - named.length;
    const places = [...named, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
    this.#logger.info(`${this.#progress()} (${places})`);
  }

  /** `2 of 4 trials, 1 running, best 0001 with 0.5, about 12 s left`. */
  #progress(): string {
    const { decided, trials, running, failed, best } = this.#state;
    const leftMs = this.#state.leftMs(this.#stepOf);
    return [
      `${decided} of ${trials} trials`,
      ...(running.length > 0 ? [`${running.length} running`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(best === undefined ? [] : [`best ${best.name} with ${shortNumber(best.value)}`]),
      ...(leftMs === undefined ? [] : [formatTimeLeft(leftMs)]),
    ].join(', ');
  }

  #name(trial: number): string {
    return `trial ${this.#state.shown(trial)?.name ?? trial}`;
  }
}

/** What {@link EventLines} shows, and where. */
export interface EventLinesOptions extends SweepStateOptions {
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly metric: string;
  /** How far a trial has come. */
  readonly progressOf: (trial: ShownTrial) => TrialProgress;
}
