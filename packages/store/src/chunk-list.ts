import { canonicalJson } from '@pixelis/core';
import { z } from 'zod';
import { PIECE_BYTES_MAX } from './layout';
import type { ContentReference } from './types';

/** The parts of a content, in order. */
export interface ChunkList {
  /** Length of the content. */
  readonly bytes: number;
  readonly chunks: readonly ContentReference[];
}

/** A list of more chunks would not be read: half a million chunks hold some 650 GB. */
export const CHUNKS_MAX = 500_000;
/** No list is longer on the disk. */
export const LIST_BYTES_MAX = 64 * 1024 * 1024;

const listSchema = z.strictObject({
  bytes: z.int().nonnegative(),
  chunks: z
    .array(
      z.strictObject({
        bytes: z.int().positive().max(PIECE_BYTES_MAX),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(CHUNKS_MAX),
  list_version: z.literal(1),
});

/** The text of a list: canonical JSON, so that equal lists are equal bytes. */
export function serialiseChunkList({ bytes, chunks }: ChunkList): string {
  const items = chunks.map((chunk) => ({ bytes: chunk.bytes, sha256: chunk.sha256 }));
  return canonicalJson({ bytes, chunks: items, list_version: 1 });
}

/** The list that a text holds, or null if it is not exactly what {@link serialiseChunkList} writes. */
export function parseChunkList(text: string): ChunkList | null {
  try {
    const list = listSchema.parse(JSON.parse(text));
    const total = list.chunks.reduce((sum, { bytes }) => sum + bytes, 0);
    return total === list.bytes && serialiseChunkList(list) === text ? list : null;
  } catch {
    return null;
  }
}
