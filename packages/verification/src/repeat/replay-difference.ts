import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '@pixelis/core';
import { compareRuns } from '../compare/compare-runs';
import {
  type RunFolders,
  tensorValues,
  type TensorValues,
} from '../compare/first-difference-of-runs';
import { readRunRecord } from '../record/run-record';
import { withTemporaryFolder } from './temporary-folder';
import { trainAgain } from './train-program';
import { VERIFIABLE_JOB } from './verify-run';

/** Options of {@link replayDifference}. */
export interface ReplayOptions {
  /** The built program `train`. */
  readonly main: string;
  /** The step whose weights are wanted. */
  readonly step: number;
  /** The tensor to look at; any that differs, where it is null or equal. */
  readonly tensor: string | null;
  readonly threads?: number | undefined;
  /** Stops it at once; nothing is left behind. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((message: string) => void) | undefined;
}

/** What {@link replayDifference} found. */
export interface Replay {
  /** The step after which the weights were compared. */
  readonly step: number;
  /** Of the repetitions of A and B, whether each agrees with its record up to that step. */
  readonly isFaithful: readonly [boolean, boolean];
  /** Where the weights of the repetitions differ; null if they are equal. */
  readonly values: TensorValues | null;
}

/**
 * Trains both runs again by the present code up to a step for which no checkpoint was kept, and compares the weights there.
 *
 * @throws {UsageError} `JOB_UNVERIFIABLE` if one is of a job that cannot be trained again.
 */
export async function replayDifference(runs: RunFolders, options: ReplayOptions): Promise<Replay> {
  const step = Math.max(1, options.step);
  return await withTemporaryFolder(async (temporary) => {
    const [runA, runB] = runs;
    const a = await replay(runA, { ...options, step, folder: join(temporary, 'a') });
    const b = await replay(runB, { ...options, step, folder: join(temporary, 'b') });
    const values = tensorValues([a, b], { fromStep: step, tensor: options.tensor });
    return { step, isFaithful: [agree([runA, a], step), agree([runB, b], step)], values };
  });
}

async function replay(
  run: string,
  options: ReplayOptions & { readonly folder: string },
): Promise<string> {
  const { runId, job, config, environment } = readRunRecord(run);
  if (job !== VERIFIABLE_JOB)
    throw new UsageError(`Run ${runId} is of the job ${job ?? 'unknown'}`, {
      code: 'JOB_UNVERIFIABLE',
      remedy: `leave out --replay: only runs of ${VERIFIABLE_JOB} can be trained again`,
    });
  mkdirSync(options.folder);
  return await trainAgain({
    ...options,
    config,
    captureLevel: environment?.level ?? 'standard',
    lastStep: options.step,
  });
}

function agree(runs: RunFolders, lastStep: number): boolean {
  return compareRuns(runs, { lastStep }).verdict === 'equal';
}
