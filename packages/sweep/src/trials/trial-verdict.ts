import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST_FILE } from '@pixelis/artifacts';
import { EXIT_CODES, IntegrityError } from '@pixelis/core';
import type { TrialError } from '../folder/outcome';
import type { SweepFolder } from '../folder/sweep-folder';
import type { TrialEnd } from '../launchers/launcher';
import { readLoggedError } from './logged-error';
import { requireIntactRun } from './require-intact-run';
import { readTrialRun, type TrialRun } from './trial-run';

/** How a trial stands. */
export type TrialVerdict =
  /** It has come to the step that it was to come to. */
  | { readonly kind: 'reached'; readonly run: TrialRun }
  | { readonly kind: 'failed'; readonly error: TrialError; readonly steps: number }
  /** It could not run where it was started, which says nothing of it: it is to be started again when that is mended. */
  | { readonly kind: 'prevented'; readonly error: TrialError }
  /** It is to be started, or started again. */
  | { readonly kind: 'open' };

/** What {@link judgeTrial} judges by. */
export interface JudgeTrialOptions {
  readonly trial: number;
  /** The step after which it was to stop; undefined: its end. */
  readonly stopAfter: number | undefined;
  /** How its last process ended; null if none has, or it vanished without a word. */
  readonly end: TrialEnd | null;
}

/** Exit codes of a run that was interrupted and can go on. */
const INTERRUPTED: ReadonlySet<number> = new Set([130, 143]);

/** Signals that say nothing against the trial: somebody stopped it, or its machine. */
const STOPPING: ReadonlySet<string> = new Set([
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGKILL',
  'SIGQUIT',
]);

/** Errors of a run that tell of an end from which it goes on. */
const HARMLESS: ReadonlySet<string> = new Set(['INTERRUPTED', 'STOPPED_AS_ASKED', 'RUN_CRASHED']);

/** Errors that say nothing against the trial, with the exit code of the program that told them. */
const OF_THE_PLACE: ReadonlyMap<string, number> = new Map([
  ['ENVIRONMENT_DIFFERS', EXIT_CODES.environment],
  ['DISK_FULL', EXIT_CODES.data],
  // By somebody else, or by a process that was killed before it could say whose it was.
  ['RUN_HELD', EXIT_CODES.usage],
]);

/**
 * Says how a trial stands, by its run in the store first, and by how its process ended only if the run has not come far enough.
 *
 * @throws {IntegrityError} If the run was complete and is damaged: that is no fault of the trial.
 */
export function judgeTrial(
  folder: SweepFolder,
  { trial, stopAfter, end }: JudgeTrialOptions,
): TrialVerdict {
  requireIntactIfComplete(folder.runDirectory(trial));
  let run: TrialRun | undefined;
  try {
    run = readTrialRun(folder, trial);
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    const { code, message, exitCode } = error;
    return { kind: 'failed', error: { code, message, exit_code: exitCode }, steps: 0 };
  }
  if (run !== undefined && (run.isComplete || run.steps >= (stopAfter ?? Infinity)))
    return { kind: 'reached', run };
  if (end === null || mayGoOn(end)) return { kind: 'open' };
  const error = errorOf(folder, { trial, end, run });
  if (end.exitCode !== null && OF_THE_PLACE.get(error.code) === end.exitCode)
    return { kind: 'prevented', error };
  return { kind: 'failed', error, steps: run?.steps ?? 0 };
}

function requireIntactIfComplete(directory: string): void {
  if (existsSync(join(directory, MANIFEST_FILE))) requireIntactRun(directory);
}

function mayGoOn({ exitCode, signal }: TrialEnd): boolean {
  if (exitCode === null) return signal === null || STOPPING.has(signal);
  return INTERRUPTED.has(exitCode);
}

function errorOf(
  folder: SweepFolder,
  { trial, end, run }: { trial: number; end: TrialEnd; run: TrialRun | undefined },
): TrialError {
  const { exitCode, signal } = end;
  if (exitCode === null)
    return {
      code: 'TRIAL_CRASHED',
      message: `its process was ended by ${signal}`,
      exit_code: null,
    };
  // The log is of the latest attempt; the run may hold what an earlier one failed with.
  const recorded = run === undefined || HARMLESS.has(run.error?.code ?? '') ? null : run.error;
  const known = readLoggedError(folder.logPath(trial)) ?? recorded ?? undefined;
  if (known !== undefined) return { code: known.code, message: known.message, exit_code: exitCode };
  const message = `its process ended with exit code ${exitCode} before its run was complete`;
  return { code: 'TRIAL_UNFINISHED', message, exit_code: exitCode };
}
