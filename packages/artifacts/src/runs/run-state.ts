import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntegrityError, writeFileAtomicSync } from '@pixelis/core';
import { z } from 'zod';
import { ifPresent } from './disk';
import { sha256Schema } from './event';
import { runErrorSchema } from './run-error';

/** The file that holds the state of a run until it is complete. */
export const STATE_FILE = 'run.json';

const runStateSchema = z.strictObject({
  run_version: z.literal(1),
  run_id: z.string(),
  run_uuid: z.uuidv7(),
  created_at: z.iso.datetime(),
  /** See `resumeFingerprint`. */
  config_fingerprint: sha256Schema,
  status: z.enum(['RUNNING', 'FAILED']),
  /** Why it failed; null while it runs. */
  error: runErrorSchema.nullable(),
});

/** The state of a run that is not complete, as `run.json` holds it. */
export type RunState = z.infer<typeof runStateSchema>;

/**
 * Reads the state of a run that is not complete; null if the folder has none.
 *
 * @throws {IntegrityError} `RUN_STATE_BROKEN` if it is not what Pixelis wrote.
 */
export function readRunState(directory: string): RunState | null {
  const path = join(directory, STATE_FILE);
  const text = ifPresent(() => readFileSync(path, 'utf8'));
  if (text === null) return null;
  try {
    return runStateSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new IntegrityError(`${path} is not the state of a run`, {
      code: 'RUN_STATE_BROKEN',
      remedy: 'Use another run id, or remove that folder if nothing in it is needed.',
      cause: error,
    });
  }
}

/** Replaces the state of a run atomically. */
export function writeRunState(directory: string, state: RunState): void {
  writeFileAtomicSync(join(directory, STATE_FILE), toJsonText(state));
}

/** JSON for people: indented, with a newline at the end. */
export function toJsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
