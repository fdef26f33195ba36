import type { JsonValue } from '@pixelis/core';
import { rungs, type TrialOutcome } from '@pixelis/sweep';

/** How much there is to do in a sweep. */
export interface SweepShape {
  /** Steps of a trial that does not vary them. */
  readonly steps: number;
  /** Trials that halving compares together; undefined: all. */
  readonly generationSize?: number | undefined;
  readonly halving: { readonly minimumSteps: number; readonly reductionFactor: number } | null;
}

/** Before this time nothing can be told: programs are still being loaded. */
const ELAPSED_MIN_MS = 2000;

/** Before a trial has come to its end, so much of one must have been seen, for so long, that loading it counts for little. */
const RUNNING_MIN = { share: 0.1, elapsedMs: 10_000 };

/**
 * Estimates how long a sweep goes on: by the steps that are left, and the steps a second since somebody watches. A trial that failed
 * says nothing of either: neither its steps count nor its share of the time.
 */
export class TimeLeft {
  readonly #shape: SweepShape;
  readonly #planned = new Map<number, number>();
  /** The last step that is known of each trial. */
  readonly #reached = new Map<number, number>();
  /** Where trials stood when they were first started. */
  readonly #begunAt = new Map<number, number>();
  /** When the processes that run were started. */
  readonly #runningSinceMs = new Map<number, number>();
  /** How long the processes of each trial ran that have ended. */
  readonly #spentMs = new Map<number, number>();
  /** Trials that came to their end, or to where halving compares them, while somebody watched. */
  readonly #measured = new Set<number>();
  readonly #decided = new Map<number, Pick<TrialOutcome, 'state' | 'steps'>>();
  #trials = 0;
  #begunMs: number | undefined;

  constructor(shape: SweepShape) {
    this.#shape = shape;
  }

  open(trials: number): void {
    this.#trials = trials;
  }

  propose(trial: number, steps: JsonValue | undefined): void {
    if (typeof steps === 'number') this.#planned.set(trial, steps);
  }

  start(trial: number, { nowMs, step }: { readonly nowMs: number; readonly step: number }): void {
    this.#begunMs ??= nowMs;
    this.#runningSinceMs.set(trial, nowMs);
    this.reach(trial, step);
    if (!this.#begunAt.has(trial)) this.#begunAt.set(trial, this.#reached.get(trial) ?? 0);
  }

  end(trial: number, nowMs: number): void {
    this.#spentMs.set(trial, this.#busyMs(trial, nowMs));
    this.#runningSinceMs.delete(trial);
  }

  compare(trial: number, steps: number): void {
    this.#measured.add(trial);
    this.reach(trial, steps);
  }

  reach(trial: number, step: number): void {
    this.#reached.set(trial, Math.max(step, this.#reached.get(trial) ?? 0));
  }

  decide({ trial, state, steps }: TrialOutcome): void {
    this.#decided.set(trial, { state, steps });
    if (state !== 'FAILED' && this.#begunAt.has(trial)) this.#measured.add(trial);
    this.reach(trial, steps);
  }

  /** Milliseconds; undefined before enough was seen, and when nothing is left. */
  leftMs(nowMs: number): number | undefined {
    if (this.#begunMs === undefined || this.#decided.size >= this.#trials) return undefined;
    const elapsedMs = nowMs - this.#begunMs;
    const sound = [...this.#begunAt.keys()].filter((trial) => !this.#hasFailed(trial));
    const gained = sumOf(sound, (trial) => this.#gainedOf(trial));
    if (gained <= 0 || elapsedMs < ELAPSED_MIN_MS) return undefined;
    if (!this.#hasBasis(sound, elapsedMs)) return undefined;
    const busyMs = (trial: number): number => this.#busyMs(trial, nowMs);
    const share = sumOf(sound, busyMs) / sumOf(this.#begunAt.keys(), busyMs);
    const done = sumOf(this.#reached, ([trial, step]) => this.#doneOf(trial, step));
    return (Math.max(0, this.#total() - done) / gained) * elapsedMs * share;
  }

  #hasBasis(trials: readonly number[], elapsedMs: number): boolean {
    if (trials.some((trial) => this.#measured.has(trial))) return true;
    const { share, elapsedMs: least } = RUNNING_MIN;
    const isEnough = (trial: number): boolean =>
      this.#gainedOf(trial) >= share * this.#plannedOf(trial);
    return elapsedMs >= least && trials.some(isEnough);
  }

  /** Steps since somebody watches. */
  #gainedOf(trial: number): number {
    return (this.#reached.get(trial) ?? 0) - (this.#begunAt.get(trial) ?? 0);
  }

  /** For how long processes of a trial have run. */
  #busyMs(trial: number, nowMs: number): number {
    const sinceMs = this.#runningSinceMs.get(trial) ?? nowMs;
    return (this.#spentMs.get(trial) ?? 0) + nowMs - sinceMs;
  }

  #hasFailed(trial: number): boolean {
    return this.#decided.get(trial)?.state === 'FAILED';
  }

  /** A trial that failed has nothing left. */
  #doneOf(trial: number, step: number): number {
    if (!this.#hasFailed(trial)) return step;
    return Math.max(step, this.#shape.halving?.minimumSteps ?? this.#plannedOf(trial));
  }

  #plannedOf(trial: number): number {
    return this.#planned.get(trial) ?? this.#shape.steps;
  }

  #total(): number {
    const { steps, halving, generationSize = this.#trials } = this.#shape;
    if (halving === null) {
      const ofKnown = sumOf(this.#planned, ([, planned]) => planned);
      return ofKnown + steps * (this.#trials - this.#planned.size);
    }
    const full = Math.floor(this.#trials / generationSize);
    const last = this.#trials % generationSize;
    const ladder = rungs({ ...halving, maximumSteps: steps });
    const stepsOf = (trials: number): number => {
      let alive = trials;
      return ladder.reduce((sum, rung, index) => {
        const climbed = sum + alive * (rung - (ladder[index - 1] ?? 0));
        alive = Math.max(1, Math.floor(alive / halving.reductionFactor));
        return climbed;
      }, 0);
    };
    return full * stepsOf(generationSize) + (last === 0 ? 0 : stepsOf(last));
  }
}

function sumOf<T>(values: Iterable<T>, of: (value: T) => number): number {
  return Array.from(values, of).reduce((sum, value) => sum + value, 0);
}
