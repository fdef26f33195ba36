import type { JsonValue } from '@pixelis/core';

/** Values by dotted key of the configuration, such as `training.learning_rate`. */
export type Parameters = Readonly<Record<string, JsonValue>>;

/** What came of a trial, as a strategy sees it. */
export interface TrialResult {
  /** Number of the trial, from 1. */
  readonly trial: number;
  readonly parameters: Parameters;
  /** Value of the metric; null if the trial failed. */
  readonly value: number | null;
  /** Rungs of successive halving that it survived, 0 if left out: who got further is better, whatever the values. */
  readonly rung?: number;
}

/** What {@link Strategy.propose} may look at. */
export interface ProposalContext {
  /** Number of the trial, from 1. */
  readonly trial: number;
  /** All trials of earlier generations, in the order of their numbers. */
  readonly history: readonly TrialResult[];
  /** The trials of the same generation with smaller numbers. */
  readonly pending: readonly Parameters[];
}

/** Chooses the trials of a sweep. A proposal depends on the seed, the trial's number and the context alone, never on time or order. */
export interface Strategy {
  /** Number of all trials. */
  readonly trials: number;
  /** Trials that are proposed together, without the results of each other. */
  readonly generationSize: number;
  propose(context: ProposalContext): Parameters;
}
