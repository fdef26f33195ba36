import { readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { isSystemError } from '@pixelis/core';
import { readSearch, SEARCH_FILE } from './sweep-search';

/** How far a sweep has come. */
export interface SweepProgress {
  readonly tag: string;
  /** Of how many trials it is known what came of them. */
  readonly decided: number;
  /** Number of all trials. */
  readonly trials: number;
}

/**
 * Reads how far a sweep has come, whether or not a process runs it; undefined if the folder holds no sweep. Changes nothing.
 *
 * @throws {IntegrityError} `SWEEP_BROKEN` if `sweep.json` is not what Pixelis wrote.
 */
export function readSweepProgress(directory: string): SweepProgress | undefined {
  const search = readSearch(join(directory, SEARCH_FILE));
  if (search === undefined) return undefined;
  const decided = decidedTrials(directory).length;
  return { tag: basename(resolve(directory)), decided, trials: search.trials };
}

/** The numbers of the trials with an outcome, rising. */
export function decidedTrials(directory: string): number[] {
  return namesIn(join(directory, 'outcomes'))
    .filter((name) => /^\d+\.json$/.test(name))
    .map((name) => Number(name.slice(0, -'.json'.length)))
    .sort((a, b) => a - b);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return [];
    throw error;
  }
}
