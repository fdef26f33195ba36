import type { JsonValue } from '@pixelis/core';
import type { SweepEvent, TrialOutcome } from '@pixelis/sweep';
import type { Logger } from '@pixelis/tracing';
import type { SweepDisplay } from './sweep-display';
import { SweepState } from './sweep-state';

/** Shows how a sweep goes by a log line for each event. */
export class EventLines implements SweepDisplay {
  readonly #logger: Logger;
  readonly #metric: string;
  readonly #state: SweepState;

  constructor({ logger, metric, direction }: EventLinesOptions) {
    this.#logger = logger;
    this.#metric = metric;
    this.#state = new SweepState(direction);
  }

  show(event: SweepEvent): void {
    this.#state.add(event);
    if (event.kind === 'opened') {
      const { folder, trials, isResumed } = event;
      const begun = isResumed ? 'resumed' : 'begun';
      this.#logger.info(`sweep ${folder.tag} ${begun} in ${folder.directory}, trials: ${trials}`);
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

  stop(): void {
    // A line that stands needs no end.
  }

  #showStart(trial: number): void {
    const parameters = describeParameters(this.#state.shown(trial)?.parameters ?? {});
    this.#logger.info(`${this.#name(trial)} runs: ${parameters}`);
  }

  #showOutcome({ trial, state, value, steps, error }: TrialOutcome): void {
    const progress = `${this.#state.decided} of ${this.#state.trials} trials`;
    const name = this.#name(trial);
    if (state === 'FAILED') this.#logger.error(`${name} failed: ${error?.message} (${progress})`);
    else {
      const end = state === 'COMPLETED' ? 'is complete' : `is stopped after step ${steps}`;
      this.#logger.info(`${name} ${end}: ${this.#metric} is ${value} (${progress})`);
    }
  }

  #name(trial: number): string {
    return `trial ${this.#state.shown(trial)?.name ?? trial}`;
  }
}

/** What {@link EventLines} shows, and where. */
export interface EventLinesOptions {
  readonly logger: Logger;
  readonly metric: string;
  readonly direction: 'min' | 'max';
}

/** `training.seed=1 training.learning_rate=0.001`. */
export function describeParameters(parameters: Readonly<Record<string, JsonValue>>): string {
  return Object.entries(parameters)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}
