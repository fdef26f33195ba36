import { rankedTrials, type SweepSummary } from '../report/sweep-summary';
import type { Parameters } from '../strategies/strategy';
import { TRIAL_INVALID, type TrialOutcome } from './outcome';
import {
  type SweepDescription,
  sweepDescriptionSchema,
  type SweepManifest,
  type SweepManifestTrial,
} from './sweep-manifest';
import { trialName } from './sweep-names';
import { SEARCH_FILE, type SearchDocument } from './sweep-search';

/** A trial of which it is decided what came of it. */
export interface DecidedTrial {
  readonly parameters: Parameters;
  readonly outcome: TrialOutcome;
}

/** A trial as the manifest tells of it. */
export type DescribedTrial = Omit<SweepManifestTrial, 'parameters'> &
  Pick<DecidedTrial, 'parameters'>;

/** What {@link describeSweep} describes. */
export interface SweepToDescribe {
  readonly tag: string;
  readonly search: Pick<SearchDocument, 'mode' | 'seed' | 'fingerprint'> & {
    /** The section `sweep` of the configuration. */
    readonly sweep: unknown;
  };
  /** All trials in the order of their numbers. */
  readonly trials: readonly DescribedTrial[];
}

export const REPORT_FILE = 'report.md';
export const PARALLEL_COORDINATES_FILE = 'figures/parallel-coordinates.svg';
export const IMPORTANCE_FILE = 'figures/importance.svg';

/**
 * Says what a sweep came to: all that its manifest holds but for the identity, the time and the hashes. Whoever writes a manifest and
 * whoever checks one has it from here.
 *
 * @throws {ZodError} If the search is none that a sweep can have.
 */
export function describeSweep({ tag, search, trials }: SweepToDescribe): SweepDescription {
  const countOf = (state: TrialOutcome['state']): number =>
    trials.filter((trial) => trial.state === state).length;
  const description = sweepDescriptionSchema.parse({
    manifest_version: 1,
    tag,
    status: 'COMPLETED',
    mode: search.mode,
    seed: search.seed,
    search: search.sweep,
    fingerprint: search.fingerprint,
    counts: {
      completed: countOf('COMPLETED'),
      stopped: countOf('STOPPED'),
      failed: countOf('FAILED'),
    },
    best: null,
    trials,
    report_path: REPORT_FILE,
    figures: [IMPORTANCE_FILE, PARALLEL_COORDINATES_FILE],
  });
  return { ...description, best: rankedTrials(sweepSummary(description))[0]?.trial ?? null };
}

/** Tells of a trial what the manifest is to tell. */
export function describeTrial({ parameters, outcome }: DecidedTrial): DescribedTrial {
  const { trial, run_id, state, value, steps, results, rungs, error } = outcome;
  const config_path = error?.code === TRIAL_INVALID ? null : `${trialName(trial)}.json`;
  return {
    ...{ trial, config_path, run_id, parameters },
    ...{ state, value, steps, results, rungs, error },
  };
}

/** The files that a manifest hashes, in the order of their code units. */
export function filesOfSweep({
  trials,
  figures,
  report_path,
}: Pick<SweepManifest, 'trials' | 'figures' | 'report_path'>): string[] {
  const configs = trials.flatMap(({ config_path }) => config_path ?? []);
  const outcomes = trials.map(({ trial }) => outcomeFile(trial));
  return [SEARCH_FILE, report_path, ...configs, ...outcomes, ...figures].sort();
}

/** Where in the folder of a sweep it stands what came of a trial. */
export function outcomeFile(trial: number): string {
  return `outcomes/${trialName(trial)}.json`;
}

/** A sweep as its table, its report and its figures tell it. */
export function sweepSummary(
  manifest: Pick<SweepManifest, 'tag' | 'mode' | 'seed' | 'search' | 'trials'>,
): SweepSummary {
  const { tag, mode, seed, search, trials } = manifest;
  return {
    tag,
    mode,
    metric: search.metric,
    direction: search.direction,
    space: search.space,
    made: { seed, search },
    trials: trials.map(({ trial, run_id, state, parameters, value, steps, results, error }) => ({
      trial,
      runId: run_id,
      state,
      parameters,
      value,
      steps,
      results,
      ...(error === null ? {} : { error }),
    })),
  };
}
