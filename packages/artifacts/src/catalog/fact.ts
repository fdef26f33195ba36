import { canonicalJson, sha256 } from '@pixelis/core';
import { z } from 'zod';
import { artifactReferenceSchema, runReferenceSchema } from './history-entry';

const common = {
  seq: z.int().min(1),
  time: z.iso.datetime(),
  /** When it happened, where that is not when it was recorded: it was taken over from another store. */
  happened_at: z.iso.datetime().exactOptional(),
  run: runReferenceSchema,
};

/** A line of `log/<writer>.jsonl`, without its checksum. */
export const factSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('run'),
    job: z.string(),
    name: z.string().nullable(),
    status: z.enum(['RUNNING', 'COMPLETED', 'FAILED']),
    error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  }),
  z.strictObject({
    ...common,
    kind: z.enum(['used', 'produced']),
    artifact: artifactReferenceSchema,
    role: z.string().nullable(),
  }),
]);

export type Fact = z.infer<typeof factSchema>;

/** What a writer records; its number and time are added when it is written. */
export type FactBody = Fact extends infer One
  ? One extends Fact
    ? Omit<One, 'seq' | 'time'>
    : never
  : never;

/** How much of the SHA-256 of a line without it: enough to find what is torn or flipped. */
const SUM_DIGITS = 16;
/** Within a line; a quotation mark in a text of it has a backslash before it. */
const SUM = /"sum":"([0-9a-f]{16})",/;

/** A fact as its line, with the newline. */
export function factLine(fact: Fact): string {
  return `${canonicalJson({ ...fact, sum: checksum(canonicalJson(fact)) })}\n`;
}

/** The fact of a line without its newline; null if the line is damaged. */
export function parseFactLine(line: string): Fact | null {
  const [member, sum] = SUM.exec(line) ?? [];
  if (member === undefined) return null;
  const rest = line.replace(member, '');
  if (checksum(rest) !== sum) return null;
  try {
    return factSchema.parse(JSON.parse(rest));
  } catch {
    return null;
  }
}

function checksum(text: string): string {
  return sha256(text).slice(0, SUM_DIGITS);
}
