import { randomBytes } from 'node:crypto';
import { UsageError } from '@pixelis/core';
import { requireText } from './check-argument';

const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

/** Whether `text` can name a run: a letter or digit, then up to 99 letters, digits, `_`, `.` and `-`. */
export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

/**
 * Returns the run id that was given.
 *
 * @throws {UsageError} `RUN_ID_INVALID` if it cannot name a run, for instance because it holds a path.
 */
export function validateRunId(runId: string): string {
  requireText(runId, { action: 'check a run id', name: 'runId' });
  if (isRunId(runId)) return runId;
  throw new UsageError(`Run id ${JSON.stringify(runId)} is not valid`, {
    code: 'RUN_ID_INVALID',
    remedy: 'Use 1 to 100 of the characters A-Z a-z 0-9 _ . - with a letter or digit first.',
  });
}

/** Options of {@link generateRunId}. */
export interface GenerateRunIdOptions {
  /** The moment that the id names. @default the present */
  now?: Date;
}

/**
 * A new run id, `YYYYMMDDTHHMMSS-xxxxxx`: the time in UTC, then six hexadecimal digits of the system's generator, so
 * that a seeded `Math.random` never yields one id twice.
 */
export function generateRunId(options: GenerateRunIdOptions = {}): string {
  const { now = new Date() } = options;
  const time = now.toISOString().slice(0, 19).replace(/[-:]/g, '');
  return `${time}-${randomBytes(3).toString('hex')}`;
}
