import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isSystemError } from '@pixelis/core';
import { z } from 'zod';

/** How much of the end of a log is looked at. */
const TAIL_BYTES = 64 * 1024;

const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string().optional(),
});
const failureSchema = z.object({ error: errorSchema });

/** Why a program failed, in its own words. */
export type LoggedError = z.infer<typeof errorSchema>;

/** What a program said last, with `--json`, of why it failed; undefined if it said nothing. */
export function readLoggedError(path: string): LoggedError | undefined {
  const last = tailOf(path)
    .split('\n')
    .findLast((line) => line.startsWith('{"error":'));
  if (last === undefined) return undefined;
  try {
    return failureSchema.parse(JSON.parse(last)).error;
  } catch {
    return undefined;
  }
}

function tailOf(path: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    if (isSystemError(error)) return '';
    throw error;
  }
  try {
    const { size } = fstatSync(descriptor);
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const bytesRead = readSync(descriptor, tail, 0, tail.length, size - tail.length);
    return tail.toString('utf8', 0, bytesRead);
  } finally {
    closeSync(descriptor);
  }
}
