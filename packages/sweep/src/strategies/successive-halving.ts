import { UsageError } from '@pixelis/core';

import { type Direction, type Rankable, ranked } from './rank';

/** What {@link rungs} needs to know. */
export interface RungOptions {
  /** Steps after which trials are compared for the first time, at least 1. */
  readonly minimumSteps: number;
  /** Steps of a trial that is never stopped. */
  readonly maximumSteps: number;
  /** Of so many trials one goes on; at least 2. */
  readonly reductionFactor: number;
}

/**
 * The steps at which trials are compared, each at least the reduction factor times the one before, and the last the end of a
 * trial: successive halving (Jamieson and Talwalkar 2016; Li et al. 2018, "Hyperband"; Li et al. 2020, ASHA). Trials that
 * survive go on from where they stopped.
 *
 * @throws {UsageError} `SWEEP_HALVING_TOO_LATE` if a trial ends before it would be compared.
 */
export function rungs({ minimumSteps, maximumSteps, reductionFactor }: RungOptions): number[] {
  requireInteger('minimumSteps', minimumSteps, 1);
  requireInteger('maximumSteps', maximumSteps, 1);
  requireInteger('reductionFactor', reductionFactor, 2);
  if (minimumSteps >= maximumSteps) {
    throw new UsageError(
      `Trials of ${maximumSteps} steps end before they are compared at step ${minimumSteps}`,
      {
        code: 'SWEEP_HALVING_TOO_LATE',
        remedy: 'Choose a sweep.halving.minimum_steps below training.steps',
      },
    );
  }
  const steps = [minimumSteps];
  for (
    let next = minimumSteps * reductionFactor;
    next * reductionFactor <= maximumSteps;
    next *= reductionFactor
  ) {
    steps.push(next);
  }
  return [...steps, maximumSteps];
}

/** How {@link survivors} chooses. */
export interface SurvivorOptions {
  readonly reductionFactor: number;
  readonly direction: Direction;
}

/**
 * The numbers, rising, of the trials that go on from a rung which all of `results` have reached or failed in: the best
 * floor(n / reductionFactor) of n, but at least one if any has a value. A failed trial counts as the worst and never goes on; of
 * equal values the trial with the smaller number wins. The order of `results` does not matter.
 */
export function survivors(
  results: readonly Rankable[],
  { reductionFactor, direction }: SurvivorOptions,
): number[] {
  requireInteger('reductionFactor', reductionFactor, 2);
  const count = Math.max(1, Math.floor(results.length / reductionFactor));
  return ranked(results, direction)
    .slice(0, count)
    .map(({ trial }) => trial)
    .sort((a, b) => a - b);
}

function requireInteger(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(
    `Cannot halve: ${name} must be an integer >= ${least}: current value is ${value}`,
  );
}
