import { join } from 'node:path';
import { readEvents } from '@pixelis/artifacts';
import { PixelisError } from '@pixelis/core';
import type { EnvironmentPolicyRecord } from '@pixelis/experiment';
import { z } from 'zod';
import { formatCount } from '../format';

const recordSchema = z.object({
  policy: z.enum(['strict', 'warn', 'ignore']),
  forced: z.boolean(),
  differences: z.array(
    z.object({
      what: z.string(),
      expected: z.string().nullable(),
      present: z.string().nullable(),
      source: z.string(),
    }),
  ),
});

/** What came of the environment policy when the run was last opened; null where its audit trail tells nothing. */
export function environmentPolicyOf(directory: string): EnvironmentPolicyRecord | null {
  try {
    const events = readEvents(join(directory, 'events.jsonl'));
    const event = events.findLast(({ type }) => type === 'environment_policy');
    return recordSchema.safeParse(event?.data).data ?? null;
  } catch (error) {
    // pixelis runs audit tells what is wrong with it.
    if (error instanceof PixelisError || isMissing(error)) return null;
    throw error;
  }
}

/** `strict, forced in spite of 2 differences`. */
export function environmentPolicyLine({
  policy,
  forced,
  differences,
}: EnvironmentPolicyRecord): string {
  const count = formatCount(differences.length, 'difference');
  return `${policy}, ${forced ? `forced in spite of ${count}` : count}`;
}

/** Each difference by its key, for the list of a run. */
export function environmentPolicyFields({
  differences,
}: EnvironmentPolicyRecord): [string, string][] {
  return differences.map(({ what, expected, present, source }) => [
    what,
    `${present ?? '-'}, expected ${expected ?? 'none'} by ${source}`,
  ]);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
