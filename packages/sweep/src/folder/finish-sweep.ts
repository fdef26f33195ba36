import { readFileSync } from 'node:fs';
import { uuidV7 } from '@pixelis/artifacts';
import { IntegrityError, makeFolderSync, sha256, writeFileAtomicSync } from '@pixelis/core';
import { importancePlot } from '../report/importance-plot';
import { importances } from '../report/importances';
import { parallelCoordinates } from '../report/parallel-coordinates';
import { sweepReport } from '../report/sweep-report';
import { rankedTrials, type SweepSummary } from '../report/sweep-summary';
import type { Parameters } from '../strategies/strategy';
import { jsonText, onDisk } from './on-disk';
import { TRIAL_INVALID, type TrialOutcome } from './outcome';
import type { SweepFolder } from './sweep-folder';
import { SWEEP_MANIFEST_FILE, type SweepManifest, sweepManifestSchema } from './sweep-manifest';
import { SEARCH_FILE, type SearchDocument } from './sweep-search';

/** A trial of which it is decided what came of it. */
export interface DecidedTrial {
  readonly parameters: Parameters;
  readonly outcome: TrialOutcome;
}

/** What a sweep came to. */
export interface SweepEnd {
  readonly search: SearchDocument;
  /** All trials in the order of their numbers. */
  readonly trials: readonly DecidedTrial[];
  readonly now: Date;
}

const REPORT_FILE = 'report.md';
const PARALLEL_COORDINATES_FILE = 'figures/parallel-coordinates.svg';
const IMPORTANCE_FILE = 'figures/importance.svg';

/**
 * Ends a sweep: draws its figures, writes its report, and last its manifest with the hash of every file.
 *
 * @throws {DataError} If the disk is full or the folder unwritable; the same command again then ends it.
 */
export function finishSweep(folder: SweepFolder, end: SweepEnd): SweepManifest {
  const draft = describeSweep(folder, end);
  const summary = sweepSummary(draft);
  onDisk(folder.path('figures'), () => makeFolderSync(folder.path('figures')));
  const { metric } = summary;
  writeFileAtomicSync(folder.path(PARALLEL_COORDINATES_FILE), parallelCoordinates(summary));
  writeFileAtomicSync(
    folder.path(IMPORTANCE_FILE),
    importancePlot(importances(summary), { metric }),
  );
  writeFileAtomicSync(folder.path(REPORT_FILE), sweepReport(summary));
  const manifest = { ...draft, files: hashFiles(folder, draft) };
  writeFileAtomicSync(folder.path(SWEEP_MANIFEST_FILE), jsonText(manifest));
  return manifest;
}

/** A sweep as its table, its report and its figures tell it. */
export function sweepSummary(
  manifest: Pick<SweepManifest, 'tag' | 'mode' | 'search' | 'trials'>,
): SweepSummary {
  const { tag, mode, search, trials } = manifest;
  return {
    tag,
    mode,
    metric: search.metric,
    direction: search.direction,
    space: search.space,
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

function describeSweep(folder: SweepFolder, { search, trials, now }: SweepEnd): SweepManifest {
  const states = trials.map(({ outcome }) => outcome.state);
  const countOf = (state: TrialOutcome['state']): number =>
    states.filter((one) => one === state).length;
  const described = {
    manifest_version: 1,
    tag: folder.tag,
    sweep_uuid: uuidV7({ now }),
    created_at: now.toISOString(),
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
    trials: trials.map((trial) => describeTrial(folder, trial)),
    report_path: REPORT_FILE,
    figures: [IMPORTANCE_FILE, PARALLEL_COORDINATES_FILE],
    files: {},
  };
  const manifest = sweepManifestSchema.parse(described);
  return { ...manifest, best: rankedTrials(sweepSummary(manifest))[0]?.trial ?? null };
}

function describeTrial(folder: SweepFolder, { parameters, outcome }: DecidedTrial) {
  const { trial, run_id, state, value, steps, results, rungs, error } = outcome;
  const config_path = error?.code === TRIAL_INVALID ? null : `${folder.name(trial)}.json`;
  return { trial, config_path, run_id, parameters, state, value, steps, results, rungs, error };
}

function hashFiles(folder: SweepFolder, manifest: SweepManifest): SweepManifest['files'] {
  const { trials, figures } = manifest;
  const configs = trials.flatMap(({ config_path }) => config_path ?? []);
  const outcomes = trials.map(({ trial }) => `outcomes/${folder.name(trial)}.json`);
  const paths = [SEARCH_FILE, REPORT_FILE, ...configs, ...outcomes, ...figures].sort();
  return Object.fromEntries(
    paths.map((path) => {
      const bytes = readFile(folder.path(path));
      return [path, { sha256: sha256(bytes), bytes: bytes.byteLength }];
    }),
  );
}

/** @throws {IntegrityError} `SWEEP_FILE_MISSING` if somebody removed it meanwhile. */
function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new IntegrityError(`${path} cannot be read any more`, {
      code: 'SWEEP_FILE_MISSING',
      remedy: 'run the same command again: what is missing is made once more',
      cause,
    });
  }
}
