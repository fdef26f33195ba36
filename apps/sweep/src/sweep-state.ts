import type { JsonValue } from '@pixelis/core';
import type { SweepEvent, SweepFolder, TrialOutcome } from '@pixelis/sweep';

/** A trial as it is shown while the sweep runs. */
export interface ShownTrial {
  readonly trial: number;
  readonly name: string;
  readonly runId: string;
  readonly parameters: Readonly<Record<string, JsonValue>>;
}

/** What is known of a sweep that runs, from its events. */
export class SweepState {
  folder: SweepFolder | undefined;
  /** Number of all trials. */
  trials = 0;
  readonly #direction: 'min' | 'max';
  readonly #parameters = new Map<number, ShownTrial['parameters']>();
  readonly #running = new Set<number>();
  readonly #outcomes = new Map<number, TrialOutcome>();
  /** Trials that an earlier process had brought to their end. */
  earlier = 0;

  constructor(direction: 'min' | 'max') {
    this.#direction = direction;
  }

  add(event: SweepEvent): void {
    if (event.kind === 'opened') {
      this.folder = event.folder;
      this.trials = event.trials;
    }
    if (event.kind === 'proposed') this.#parameters.set(event.trial, event.parameters);
    if (event.kind === 'started') this.#running.add(event.trial);
    if (event.kind === 'ended') this.#running.delete(event.trial);
    if (event.kind === 'decided') {
      this.#outcomes.set(event.outcome.trial, event.outcome);
      if (event.isEarlier) this.earlier += 1;
    }
  }

  get running(): ShownTrial[] {
    return [...this.#running].sort((a, b) => a - b).flatMap((trial) => this.shown(trial) ?? []);
  }

  /** Of how many trials it is known what came of them. */
  get decided(): number {
    return this.#outcomes.size;
  }

  get failed(): number {
    return [...this.#outcomes.values()].filter(({ state }) => state === 'FAILED').length;
  }

  /** The complete trial with the best value so far. */
  get best(): TrialOutcome | undefined {
    const sign = this.#direction === 'min' ? 1 : -1;
    return [...this.#outcomes.values()]
      .filter(({ state }) => state === 'COMPLETED')
      .sort((a, b) => sign * ((a.value ?? 0) - (b.value ?? 0)) || a.trial - b.trial)[0];
  }

  shown(trial: number): ShownTrial | undefined {
    const { folder } = this;
    if (folder === undefined) return undefined;
    const parameters = this.#parameters.get(trial) ?? {};
    return { trial, name: folder.name(trial), runId: folder.runId(trial), parameters };
  }
}
