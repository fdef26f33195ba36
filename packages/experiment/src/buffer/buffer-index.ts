import { IntegrityError } from '@pixelis/core';
import { z } from 'zod';

/** The file of a snapshot that says which lines of which segments make the buffer. */
export const BUFFER_INDEX_FILE = 'index.json';

const count = z.int().min(0);

/**
 * `index.json` of a snapshot, version 1. The buffer is the lines of the runs in their order: a run `[segment, line,
 * count]` is `count` lines of the segment at that position of `segments`, from line `line` (from 0) on.
 */
const bufferIndexSchema = z.strictObject({
  buffer_version: z.literal(1),
  entry_count: count,
  /** Paths of files in the snapshot, each with the number of its lines. */
  segments: z.array(z.strictObject({ path: z.string(), line_count: count.min(1) })),
  runs: z.array(z.tuple([count, count, count.min(1)])),
});

export type BufferIndex = z.infer<typeof bufferIndexSchema>;

/**
 * Reads an index that was verified to be what was stored.
 *
 * @throws {IntegrityError} `BUFFER_INDEX_BROKEN` if it is none of version 1, or names lines that there are not.
 */
export function parseBufferIndex(text: string, spec: string): BufferIndex {
  let index: BufferIndex;
  try {
    index = bufferIndexSchema.parse(JSON.parse(text));
  } catch (error) {
    throw brokenIndexError(spec, error);
  }
  const entryCount = index.runs.reduce((sum, [, , length]) => sum + length, 0);
  const isInside = index.runs.every(([segment, line, length]) => {
    const lineCount = index.segments[segment]?.line_count ?? 0;
    return line + length <= lineCount;
  });
  if (!isInside || entryCount !== index.entry_count) throw brokenIndexError(spec);
  return index;
}

/** A snapshot whose files are whole but do not fit together. */
export function brokenIndexError(spec: string, cause?: unknown): IntegrityError {
  return new IntegrityError(`${spec} is not a snapshot of an experience buffer of version 1`, {
    code: 'BUFFER_INDEX_BROKEN',
    remedy: 'Restore another snapshot; snapshots() lists them.',
    cause,
  });
}
