import { sha256 } from '@pixelis/core';
import { z } from 'zod';

/** What the first event of a chain holds in place of the hash of the line before it. */
export const FIRST_PREVIOUS = '0'.repeat(64);

export const sha256Schema = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in 64 lower-case hexadecimal digits');

export const runEventSchema = z.strictObject({
  seq: z.int().min(1),
  time: z.iso.datetime(),
  type: z.string().min(1),
  data: z.record(z.string(), z.json()),
  previous: sha256Schema,
});

/** An entry of the audit trail `events.jsonl`. */
export type RunEvent = z.infer<typeof runEventSchema>;

/** The hash of an event's line, without its newline, as the next line holds it. */
export function hashEventLine(line: string | Uint8Array): string {
  return sha256(line);
}
