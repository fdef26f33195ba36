import { readFileSync, rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { explainSystemError, isSystemError } from '@pixelis/core';
import { z } from 'zod';
import type { TrialEnd, TrialTask } from './launcher';
import { isTrialAlive } from './trial-locks';

const endSchema = z
  .object({ exit_code: z.int().nullable(), signal: z.string().nullable() })
  .transform(({ exit_code, signal }): TrialEnd => ({ exitCode: exit_code, signal }));

/** Between two looks, in milliseconds. */
const POLL_MS = 100;

/**
 * How the last process of a trial said that it ended; null if it has not, or what stands there is damaged.
 *
 * @throws {DataError} If the file is there but cannot be read.
 */
export function readTrialEnd({ endPath }: Pick<TrialTask, 'endPath'>): TrialEnd | null {
  try {
    return endSchema.parse(JSON.parse(readFileSync(endPath, 'utf8')));
  } catch (error) {
    if (!isSystemError(error) || error.code === 'ENOENT') return null;
    throw explainSystemError(error, { action: 'read', path: endPath }) ?? error;
  }
}

/**
 * Forgets how an earlier process of the trial ended, so that it is not taken for the end of the next one, should that vanish at once.
 *
 * @throws {DataError} If the file is there but cannot be removed.
 */
export function removeTrialEnd({ endPath }: Pick<TrialTask, 'endPath'>): void {
  try {
    rmSync(endPath, { force: true });
  } catch (error) {
    throw explainSystemError(error, { action: 'remove', path: endPath }) ?? error;
  }
}

/** Waits until no process of the trial lives, and gives how the last one ended; null if it vanished without a word. */
export async function waitForTrialEnd(task: TrialTask): Promise<TrialEnd | null> {
  while (isTrialAlive(task)) await wait(POLL_MS);
  return readTrialEnd(task);
}
