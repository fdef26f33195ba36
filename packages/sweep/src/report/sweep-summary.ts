import type { SweepConfig } from '@pixelis/config';
import { canonicalJson, type JsonValue } from '@pixelis/core';

/** What came of a trial, as a report tells it. */
export interface TrialSummary {
  /** Number of the trial, from 1. */
  readonly trial: number;
  readonly runId: string;
  /** Stopped: left behind by successive halving. */
  readonly state: 'COMPLETED' | 'FAILED' | 'STOPPED';
  /** Values by dotted key, such as `training.learning_rate`. */
  readonly parameters: Readonly<Record<string, JsonValue>>;
  /** The last value of the metric; null if there is none. */
  readonly value: number | null;
  /** Steps that its run took. */
  readonly steps: number;
  readonly error?: { readonly code: string; readonly message: string };
  /** Final metrics of its run. */
  readonly results?: Readonly<Record<string, JsonValue>>;
}

/** A sweep as its table, its report and its figures tell it. The order of the trials says nothing. */
export interface SweepSummary {
  readonly tag: string;
  /** Kind of training, such as `sft`. */
  readonly mode: SweepConfig['training']['mode'];
  readonly metric: string;
  readonly direction: SweepConfig['sweep']['direction'];
  readonly space: SweepConfig['sweep']['space'];
  readonly trials: readonly TrialSummary[];
  /** How the trials were chosen; without it the report gives no command that makes the sweep again. */
  readonly made?: {
    /** Of the strategy. */
    readonly seed: number;
    readonly search: SweepConfig['sweep'];
  };
}

/** A trial with a value that can be compared. */
export type ValuedTrial = TrialSummary & { readonly value: number };

/** Keys that the sweep varied, in the order of their code units. */
export function parameterKeys({ space }: Pick<SweepSummary, 'space'>): string[] {
  return Object.keys(space).sort();
}

/** Those of the keys whose value is not the same in all trials; all of them for a single trial. */
export function varyingKeys(summary: Pick<SweepSummary, 'space' | 'trials'>): string[] {
  const { trials } = summary;
  const keys = parameterKeys(summary);
  if (trials.length < 2) return keys;
  return keys.filter(
    (key) =>
      new Set(trials.map(({ parameters }) => canonicalJson(parameters[key] ?? null))).size > 1,
  );
}

/** Whether a trial did not fail and has a finite value. */
export function hasValue(trial: TrialSummary): trial is ValuedTrial {
  return trial.state !== 'FAILED' && trial.value !== null && Number.isFinite(trial.value);
}

/**
 * Orders trials, the best first: completed ones by their value; then those that halving stopped, the ones that came
 * further first and by their value within equal steps, since values after unequal steps cannot be compared. 0 for ties.
 */
export function compareTrials(
  direction: SweepSummary['direction'],
): (a: ValuedTrial, b: ValuedTrial) => number {
  const sign = direction === 'min' ? 1 : -1;
  const isStopped = ({ state }: ValuedTrial) => (state === 'STOPPED' ? 1 : 0);
  return (a, b) => {
    const order = isStopped(a) - isStopped(b);
    if (order !== 0) return order;
    if (a.state === 'STOPPED' && a.steps !== b.steps) return b.steps - a.steps;
    return a.value === b.value ? 0 : a.value < b.value ? -sign : sign;
  };
}

/** All trials with a value, the best first (see {@link compareTrials}), ties by their number. */
export function rankedTrials({
  trials,
  direction,
}: Pick<SweepSummary, 'trials' | 'direction'>): ValuedTrial[] {
  const compare = compareTrials(direction);
  return trials.filter(hasValue).sort((a, b) => compare(a, b) || a.trial - b.trial);
}

/** The trials without a value, by their number: those that failed. */
export function failedTrials({ trials }: Pick<SweepSummary, 'trials'>): TrialSummary[] {
  return trials.filter((trial) => !hasValue(trial)).sort((a, b) => a.trial - b.trial);
}
