import type { ConfigWithOrigins, SweepConfig } from '@pixelis/config';
import { UsageError } from '@pixelis/core';
import { doubtfulSettings } from './doubtful-settings';
import { trialName } from './folder/sweep-names';
import { type Search, searchOf } from './folder/sweep-search';
import { repeatedTrials } from './repeated-trials';
import { requireKnownMetric } from './require-known-metric';
import { requireMetricInTime } from './require-metric-in-time';
import { createStrategy } from './strategies/create-strategy';
import type { Parameters, Strategy, TrialResult } from './strategies/strategy';
import { rungs } from './strategies/successive-halving';
import type { GenerationOptions } from './trials/run-generation';
import { trialConfigText } from './trials/trial-config';

/** A search whose first trials are known and found right. */
export interface SweepPlan {
  readonly search: Search;
  readonly strategy: Strategy;
  readonly generation: GenerationOptions;
  /** Configurations of the first generation by the numbers of their trials. */
  readonly texts: ReadonlyMap<number, string>;
  /** What is no mistake, but may not be what was meant. */
  readonly warnings: readonly string[];
}

/** What is asked of a sweep. */
export interface SweepPlanOptions {
  /** The configuration that every trial begins with, and what is varied of it. */
  readonly resolved: ConfigWithOrigins<SweepConfig>;
  /** Whether to write the configurations and run none. @default false */
  readonly isWriteOnly?: boolean;
  /** Whether trials that failed are run again. @default false */
  readonly isRetryingFailed?: boolean;
}

/**
 * Finds, before anything is written, all that can be known to be wrong.
 *
 * @throws {UsageError} That names it.
 */
export function planSweep({
  resolved,
  isWriteOnly = false,
  isRetryingFailed = false,
}: SweepPlanOptions): SweepPlan {
  const { sweep, training } = resolved.config;
  const strategy = createStrategy(sweep, { seed: training.seed });
  const search = searchOf(resolved, strategy.trials);
  const generation = generationOptions(resolved.config);
  const repeated = repeatedTrials(sweep, strategy.trials);
  if (isWriteOnly && strategy.generationSize < strategy.trials)
    throw writeOnlyError(sweep.strategy);
  if (isRetryingFailed && (sweep.strategy === 'tpe' || sweep.halving !== null)) throw retryError();
  // Nobody compares what is only written.
  if (!isWriteOnly) {
    requireMetricInTime(resolved.config);
    requireKnownMetric(resolved.config);
  }
  const first = proposeGeneration(strategy, { first: 1, history: [] });
  const texts = Array.from(first, ([trial, parameters]): [number, string] => {
    return [trial, trialConfigText(search.base, { name: trialName(trial), parameters })];
  });
  const doubts = doubtfulSettings(resolved.config, strategy.trials);
  const warnings = repeated === undefined ? doubts : [repeated, ...doubts];
  return { search, strategy, generation, texts: new Map(texts), warnings };
}

function generationOptions({ sweep, training }: SweepConfig): GenerationOptions {
  const { steps } = training;
  if (sweep.halving === null) return { steps, halving: null };
  const { minimum_steps: minimumSteps, reduction_factor: reductionFactor } = sweep.halving;
  if (Object.hasOwn(sweep.space, 'training.steps')) {
    throw new UsageError('Halving compares trials of equal length, but training.steps is varied', {
      code: 'SWEEP_HALVING_STEPS',
      remedy: 'leave training.steps out of the search, or --halving',
    });
  }
  const steepness = { minimumSteps, maximumSteps: steps, reductionFactor };
  return { steps, halving: { rungs: rungs(steepness), reductionFactor } };
}

/** Trials that are proposed together, by their numbers. */
export function proposeGeneration(
  strategy: Strategy,
  { first, history }: { first: number; history: readonly TrialResult[] },
): Map<number, Parameters> {
  const generation = new Map<number, Parameters>();
  const end = Math.min(first + strategy.generationSize, strategy.trials + 1);
  const pending: Parameters[] = [];
  for (let trial = first; trial < end; trial++) {
    const parameters = strategy.propose({ trial, history, pending });
    generation.set(trial, parameters);
    pending.push(parameters);
  }
  return generation;
}

function writeOnlyError(strategy: string): UsageError {
  return new UsageError(
    `--write-only cannot write the trials of ${strategy}: it chooses later ones by the results of earlier ones`,
    {
      code: 'SWEEP_TRIALS_UNKNOWN',
      remedy: 'leave --write-only out, or use --grid or --random',
    },
  );
}

function retryError(): UsageError {
  return new UsageError(
    '--retry-failed cannot be used with tpe or halving: that a trial failed decided what became of others',
    { code: 'SWEEP_RETRY_IMPOSSIBLE', remedy: 'begin a sweep with another --tag' },
  );
}
