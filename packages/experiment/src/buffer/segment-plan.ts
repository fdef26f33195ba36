/** Lines of new segments are written up to this many bytes a segment. */
export const SEGMENT_BYTES_MAX = 1_048_576;

/** Smaller segments are merged once there are {@link MERGE_COUNT} of about a size, so that their number stays small. */
export const MERGE_BYTES_MAX = 131_072;

/** How many segments of a size, the new one among them, are merged; also how many times larger the next size is. */
export const MERGE_COUNT = 8;

const SMALLEST_SIZE_BYTES = 1024;

/** A file of lines that never changes. */
export interface Segment {
  readonly path: string;
  readonly bytes: number;
  readonly lineCount: number;
}

/** Where a line stands, and its length in bytes with its newline. */
export interface SegmentLine {
  readonly segment: Segment;
  readonly line: number;
  readonly bytes: number;
}

/** An entry of the buffer by its content. */
export interface HashedEntry {
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Which segments of the last snapshot the next one keeps; every entry without a line in one of them is written anew. Left
 * out is a segment
 *
 * - of which less than half is still in the buffer, so that no snapshot holds more than twice its buffer, and
 * - that is small, as soon as there are {@link MERGE_COUNT} about as small: then all of them become one. Hence an entry
 *   is written again at most once for each size below {@link MERGE_BYTES_MAX} (three), and a snapshot has at most
 *   {@link MERGE_COUNT} − 1 segments of each such size.
 */
export function planKeptSegments(
  entries: readonly HashedEntry[],
  lines: ReadonlyMap<string, SegmentLine>,
): Set<Segment> {
  const liveBytes = new Map<Segment, number>();
  let newBytes = 0;
  const seen = new Set<string>();
  for (const { sha256, bytes } of entries) {
    if (seen.has(sha256)) continue;
    seen.add(sha256);
    const segment = lines.get(sha256)?.segment;
    if (segment === undefined) newBytes += bytes;
    else liveBytes.set(segment, (liveBytes.get(segment) ?? 0) + bytes);
  }
  const kept = new Set<Segment>();
  for (const [segment, bytes] of liveBytes) {
    if (2 * bytes >= segment.bytes) kept.add(segment);
    else newBytes += bytes;
  }
  if (newBytes > 0) dropMerged(kept, { liveBytes, newBytes });
  return kept;
}

function dropMerged(
  kept: Set<Segment>,
  { liveBytes, newBytes }: { liveBytes: ReadonlyMap<Segment, number>; newBytes: number },
): void {
  for (let bytes = newBytes; ;) {
    const limit = sizeLimit(bytes);
    const small = [...kept].filter((segment) => segment.bytes < limit);
    if (small.length < MERGE_COUNT - 1) return;
    for (const segment of small) {
      kept.delete(segment);
      bytes += liveBytes.get(segment) ?? 0;
    }
  }
}

/** The end of the size that some bytes fall in; no more than what is merged at all. */
function sizeLimit(bytes: number): number {
  let limit = SMALLEST_SIZE_BYTES;
  while (limit <= bytes && limit < MERGE_BYTES_MAX) limit *= MERGE_COUNT;
  return Math.min(limit, MERGE_BYTES_MAX);
}
