import type { JsonValue } from '@pixelis/core';
import type { SweepEvent, SweepFolder, TrialOutcome } from '@pixelis/sweep';
import { type SweepShape, TimeLeft } from './time-left';

/** A trial as it is shown while the sweep runs. */
export interface ShownTrial {
  readonly trial: number;
  readonly name: string;
  readonly runId: string;
  readonly parameters: Readonly<Record<string, JsonValue>>;
}

/** The best trial so far. */
export interface BestTrial extends ShownTrial {
  readonly value: number;
  /** The step at which halving compared it, as long as no trial is complete. */
  readonly atStep: number | undefined;
}

/** What {@link SweepState} needs to know beforehand. */
export interface SweepStateOptions {
  readonly direction: 'min' | 'max';
  readonly shape: SweepShape;
  /** A clock in milliseconds. @default performance.now */
  readonly nowMs?: (() => number) | undefined;
}

/** What is known of a sweep that runs, from its events. */
export class SweepState {
  folder: SweepFolder | undefined;
  /** Number of all trials. */
  trials = 0;
  readonly #direction: 'min' | 'max';
  readonly #steps: number;
  readonly #nowMs: () => number;
  readonly #timeLeft: TimeLeft;
  readonly #parameters = new Map<number, ShownTrial['parameters']>();
  /** When the processes of trials began, in milliseconds. */
  readonly #running = new Map<number, number>();
  readonly #outcomes = new Map<number, TrialOutcome>();
  readonly #compared = new Map<number, { readonly steps: number; readonly value: number }>();
  readonly #durationsMs = new Map<number, number>();
  #isStopping = false;

  constructor({ direction, shape, nowMs = () => performance.now() }: SweepStateOptions) {
    this.#direction = direction;
    this.#steps = shape.steps;
    this.#nowMs = nowMs;
    this.#timeLeft = new TimeLeft(shape);
  }

  /** @param stepOf The last step that a trial has recorded. */
  add(event: SweepEvent, stepOf: (trial: ShownTrial) => number = () => 0): void {
    if (event.kind === 'opened') {
      this.folder = event.folder;
      this.trials = event.trials;
      this.#timeLeft.open(event.trials);
    }
    if (event.kind === 'proposed') {
      this.#parameters.set(event.trial, event.parameters);
      this.#timeLeft.propose(event.trial, event.parameters['training.steps']);
    }
    if (event.kind === 'started') {
      const nowMs = this.#nowMs();
      const shown = this.shown(event.trial);
      this.#running.set(event.trial, nowMs);
      this.#timeLeft.start(event.trial, { nowMs, step: shown === undefined ? 0 : stepOf(shown) });
    }
    if (event.kind === 'ended') this.#end(event.trial);
    if (event.kind === 'compared') {
      this.#compared.set(event.trial, event);
      this.#timeLeft.compare(event.trial, event.steps);
    }
    if (event.kind === 'decided') {
      this.#outcomes.set(event.outcome.trial, event.outcome);
      this.#timeLeft.decide(event.outcome);
    }
  }

  /** Trials run on for a moment only: from now on there is no telling how long the sweep will take. */
  stop(): void {
    this.#isStopping = true;
  }

  get running(): ShownTrial[] {
    return [...this.#running.keys()]
      .sort((a, b) => a - b)
      .flatMap((trial) => this.shown(trial) ?? []);
  }

  /** Of how many trials it is known what came of them. */
  get decided(): number {
    return this.#outcomes.size;
  }

  get failed(): number {
    return this.#countOf('FAILED');
  }

  get stopped(): number {
    return this.#countOf('STOPPED');
  }

  /** The complete trial with the best value so far; before there is one, the best of those that halving compared last. */
  get best(): BestTrial | undefined {
    const complete = [...this.#outcomes.values()].flatMap(({ trial, state, value }) =>
      state === 'COMPLETED' && value !== null ? [{ trial, value, atStep: undefined }] : [],
    );
    const furthest = Math.max(0, ...[...this.#compared.values()].map(({ steps }) => steps));
    const compared = [...this.#compared].flatMap(([trial, { steps, value }]) =>
      steps === furthest ? [{ trial, value, atStep: steps }] : [],
    );
    const sign = this.#direction === 'min' ? 1 : -1;
    const [best] = (complete.length > 0 ? complete : compared).sort(
      (a, b) => sign * (a.value - b.value) || a.trial - b.trial,
    );
    const shown = best === undefined ? undefined : this.shown(best.trial);
    return best === undefined || shown === undefined ? undefined : { ...shown, ...best };
  }

  /** Milliseconds for which processes of each trial ran that ended while somebody watched. */
  get durationsMs(): ReadonlyMap<number, number> {
    return this.#durationsMs;
  }

  /**
   * How long the sweep will go on if it goes on as it did; undefined before that can be told, and once it stops.
   *
   * @param stepOf The last step that a running trial has recorded.
   */
  leftMs(stepOf: (trial: ShownTrial) => number = () => 0): number | undefined {
    if (this.#isStopping) return undefined;
    for (const trial of this.running) this.#timeLeft.reach(trial.trial, stepOf(trial));
    return this.#timeLeft.leftMs(this.#nowMs());
  }

  /** At which step a trial is at its end. */
  stepsOf({ parameters }: ShownTrial): number {
    const varied = parameters['training.steps'];
    return typeof varied === 'number' ? varied : this.#steps;
  }

  shown(trial: number): ShownTrial | undefined {
    const { folder } = this;
    if (folder === undefined) return undefined;
    const parameters = this.#parameters.get(trial) ?? {};
    return { trial, name: folder.name(trial), runId: folder.runId(trial), parameters };
  }

  #end(trial: number): void {
    const begunMs = this.#running.get(trial);
    this.#running.delete(trial);
    if (begunMs === undefined) return;
    const nowMs = this.#nowMs();
    const before = this.#durationsMs.get(trial) ?? 0;
    this.#durationsMs.set(trial, before + nowMs - begunMs);
    this.#timeLeft.end(trial, nowMs);
  }

  #countOf(wanted: TrialOutcome['state']): number {
    return [...this.#outcomes.values()].filter(({ state }) => state === wanted).length;
  }
}
