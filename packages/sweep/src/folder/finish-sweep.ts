import { readFileSync } from 'node:fs';
import { uuidV7 } from '@pixelis/artifacts';
import { IntegrityError, makeFolderSync, sha256, writeFileAtomicSync } from '@pixelis/core';
import { importancePlot } from '../report/importance-plot';
import { importances } from '../report/importances';
import { parallelCoordinates } from '../report/parallel-coordinates';
import { sweepReport } from '../report/sweep-report';
import {
  type DecidedTrial,
  describeSweep,
  describeTrial,
  filesOfSweep,
  IMPORTANCE_FILE,
  PARALLEL_COORDINATES_FILE,
  REPORT_FILE,
  sweepSummary,
} from './describe-sweep';
import { jsonText, onDisk } from './on-disk';
import type { SweepFolder } from './sweep-folder';
import {
  SWEEP_MANIFEST_FILE,
  type SweepDescription,
  type SweepManifest,
  sweepManifestSchema,
} from './sweep-manifest';
import type { SearchDocument } from './sweep-search';

/** What a sweep came to. */
export interface SweepEnd {
  readonly search: SearchDocument;
  /** All trials in the order of their numbers. */
  readonly trials: readonly DecidedTrial[];
  readonly now: Date;
}

/**
 * Ends a sweep: draws its figures, writes its report, and last its manifest with the hash of every file.
 *
 * @throws {DataError} If the disk is full or the folder unwritable; the same command again then ends it.
 */
export function finishSweep(folder: SweepFolder, { search, trials, now }: SweepEnd): SweepManifest {
  const { tag } = folder;
  const description = describeSweep({ tag, search, trials: trials.map(describeTrial) });
  const summary = sweepSummary(description);
  onDisk(folder.path('figures'), () => makeFolderSync(folder.path('figures')));
  const { metric } = summary;
  writeFileAtomicSync(folder.path(PARALLEL_COORDINATES_FILE), parallelCoordinates(summary));
  writeFileAtomicSync(
    folder.path(IMPORTANCE_FILE),
    importancePlot(importances(summary), { metric }),
  );
  writeFileAtomicSync(folder.path(REPORT_FILE), sweepReport(summary));
  const manifest = sweepManifestSchema.parse({
    ...description,
    sweep_uuid: uuidV7({ now }),
    created_at: now.toISOString(),
    files: hashFiles(folder, description),
  });
  writeFileAtomicSync(folder.path(SWEEP_MANIFEST_FILE), jsonText(manifest));
  return manifest;
}

function hashFiles(folder: SweepFolder, description: SweepDescription): SweepManifest['files'] {
  return Object.fromEntries(
    filesOfSweep(description).map((path) => {
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
