import { IntegrityError, writeFileAtomicSync } from '@pixelis/core';
import { z } from 'zod';
import { jsonText, readTextIfThere } from './on-disk';

/** Code of the error of a trial whose parameters do not fit the configuration. */
export const TRIAL_INVALID = 'TRIAL_INVALID';

/** What led a trial to fail. */
export const trialErrorSchema = z.strictObject({
  /** Stable, upper-case identifier, such as `TRIAL_LOST`. */
  code: z.string().min(1),
  message: z.string(),
  /** What its program ended with; null for a process that vanished or was ended by a signal. */
  exit_code: z.int().min(0).nullable(),
});

/** The result of a trial that halving looked at. */
export const rungSchema = z.strictObject({
  /** Steps after which trials were compared. */
  steps: z.int().min(1),
  value: z.number(),
});

/** `outcomes/NNNN.json`: what came of a trial, once that is decided. */
export const outcomeSchema = z.strictObject({
  outcome_version: z.literal(1),
  trial: z.int().min(1),
  run_id: z.string(),
  /** STOPPED: by halving, before its last step. */
  state: z.enum(['COMPLETED', 'STOPPED', 'FAILED']),
  /** The metric that the sweep looks at; null for a failed trial. */
  value: z.number().nullable(),
  /** The last step that its run recorded. */
  steps: z.int().min(0),
  /** The results in the manifest of its run, `weights_sha256` included; empty for a run that is not complete. */
  results: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
  /** What halving compared, from the first rung to the last that the trial came to. */
  rungs: z.array(rungSchema),
  /** Null unless it failed. */
  error: trialErrorSchema.nullable(),
});

/** What came of a trial. */
export type TrialOutcome = z.infer<typeof outcomeSchema>;

/** Why a trial failed. */
export type TrialError = z.infer<typeof trialErrorSchema>;

/** The result of a trial after so many steps. */
export type RungResult = z.infer<typeof rungSchema>;

/**
 * What came of a trial; undefined if that is not decided.
 *
 * @throws {IntegrityError} `SWEEP_OUTCOME_BROKEN` if the file is not what Pixelis wrote.
 */
export function readOutcome(path: string, trial: number): TrialOutcome | undefined {
  const text = readTextIfThere(path);
  if (text === undefined) return undefined;
  try {
    return outcomeSchema.extend({ trial: z.literal(trial) }).parse(JSON.parse(text));
  } catch (cause) {
    throw new IntegrityError(`${path} does not hold what came of trial ${trial}`, {
      code: 'SWEEP_OUTCOME_BROKEN',
      remedy: 'remove that file and run the same command again: it is read from the run once more',
      cause,
    });
  }
}

/** Records what came of a trial, atomically. */
export function writeOutcome(path: string, outcome: TrialOutcome): void {
  writeFileAtomicSync(path, jsonText(outcome));
}
