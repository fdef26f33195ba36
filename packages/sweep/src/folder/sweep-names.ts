import { join } from 'node:path';
import { UsageError } from '@pixelis/core';

/** So that `<tag>-<trial>` is still a run id, with room for the digits of a trial. */
const TAG = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,89}$/;

const DIGITS_MIN = 4;

/**
 * Returns the tag that was given.
 *
 * @throws {UsageError} `SWEEP_TAG_INVALID` if it cannot name a sweep, for instance because it holds a path.
 */
export function validateSweepTag(tag: string): string {
  if (TAG.test(tag)) return tag;
  throw new UsageError(`The tag ${JSON.stringify(tag)} cannot name a sweep`, {
    code: 'SWEEP_TAG_INVALID',
    remedy: 'use 1 to 90 of the characters A-Z a-z 0-9 _ . - with a letter or digit first',
  });
}

/** The folder of all sweeps of an output folder. */
export function sweepsDirectory(out: string): string {
  return join(out, 'sweeps');
}

/** The name of a trial: its number in at least four digits. */
export function trialName(trial: number): string {
  return String(trial).padStart(DIGITS_MIN, '0');
}

/** The run of a trial. */
export function trialRunId(tag: string, name: string): string {
  return `${tag}-${name}`;
}
