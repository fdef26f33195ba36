import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, type JsonValue, sha256 } from '@pixelis/core';
import type { BufferIndex } from './buffer-index';
import {
  type HashedEntry,
  planKeptSegments,
  type Segment,
  SEGMENT_BYTES_MAX,
  type SegmentLine,
} from './segment-plan';

/** Where each entry of a snapshot stands, by the SHA-256 of its canonical JSON. */
export type SegmentLines = ReadonlyMap<string, SegmentLine>;

/** A buffer as a snapshot will hold it. */
export interface BufferLayout {
  readonly index: BufferIndex;
  readonly lines: SegmentLines;
  /** In the order of `index.segments`. */
  readonly segments: readonly Segment[];
  /** The new ones among them: path in the snapshot → file on the disk. */
  readonly newFiles: ReadonlyMap<string, string>;
  /** How many different entries stand in the new ones. */
  readonly writtenCount: number;
}

/**
 * Lays a buffer out over the segments of the last snapshot, `lines`, and writes new ones into a folder. It reads the buffer
 * at one moment, since nothing else runs meanwhile, and holds no more of its text than a segment.
 *
 * @throws {TypeError} If an entry is not what JSON can hold; the message names the place in it.
 * @throws If the folder cannot be written.
 */
export function layOutBuffer(
  entries: readonly JsonValue[],
  { lines: before, folder }: { lines: SegmentLines; folder: string },
): BufferLayout {
  const hashed = entries.map((entry) => hashEntry(canonicalJson(entry)));
  const kept = planKeptSegments(hashed, before);
  const lines = new Map<string, SegmentLine>();
  const writer = new SegmentWriter(folder, lines);
  for (const [position, { sha256: hash }] of hashed.entries()) {
    if (lines.has(hash)) continue;
    const line = before.get(hash);
    if (line !== undefined && kept.has(line.segment)) lines.set(hash, line);
    else writer.add(hash, canonicalJson(entries[position] ?? null));
  }
  writer.flush();
  const segments = [...kept, ...writer.segments];
  return {
    index: makeIndex(hashed, { lines, segments }),
    lines,
    segments,
    newFiles: writer.files,
    writtenCount: writer.writtenCount,
  };
}

/** What an entry is known by, and the length of its line. */
export function hashEntry(text: string): HashedEntry {
  return { sha256: sha256(text), bytes: Buffer.byteLength(text) + 1 };
}

/** Collects lines and writes a segment whenever there are enough. */
class SegmentWriter {
  readonly segments: Segment[] = [];
  readonly files = new Map<string, string>();
  writtenCount = 0;
  readonly #folder: string;
  readonly #lines: Map<string, SegmentLine>;
  readonly #pending = new Map<string, string>();
  #pendingBytes = 0;

  constructor(folder: string, lines: Map<string, SegmentLine>) {
    this.#folder = folder;
    this.#lines = lines;
  }

  add(hash: string, text: string): void {
    if (this.#pending.has(hash)) return;
    const bytes = Buffer.byteLength(text) + 1;
    if (this.#pendingBytes + bytes > SEGMENT_BYTES_MAX) this.flush();
    this.#pending.set(hash, text);
    this.#pendingBytes += bytes;
  }

  flush(): void {
    if (this.#pending.size === 0) return;
    const content = [...this.#pending.values()].map((text) => `${text}\n`).join('');
    const name = `${sha256(content)}.jsonl`;
    const segment: Segment = {
      path: `segments/${name}`,
      bytes: this.#pendingBytes,
      lineCount: this.#pending.size,
    };
    const file = join(this.#folder, name);
    writeFileSync(file, content);
    this.segments.push(segment);
    this.files.set(segment.path, file);
    this.writtenCount += segment.lineCount;
    for (const [line, [hash, text]] of [...this.#pending].entries())
      this.#lines.set(hash, { segment, line, bytes: Buffer.byteLength(text) + 1 });
    this.#pending.clear();
    this.#pendingBytes = 0;
  }
}

function makeIndex(
  hashed: readonly HashedEntry[],
  { lines, segments }: { lines: SegmentLines; segments: readonly Segment[] },
): BufferIndex {
  const positions = new Map(segments.map((segment, position) => [segment, position]));
  const runs: [number, number, number][] = [];
  for (const { sha256: hash } of hashed) {
    const place = lines.get(hash);
    const segment = place === undefined ? undefined : positions.get(place.segment);
    if (place === undefined || segment === undefined) throw new Error(`entry ${hash} has no line`);
    const last = runs.at(-1);
    if (last?.[0] === segment && last[1] + last[2] === place.line) last[2] += 1;
    else runs.push([segment, place.line, 1]);
  }
  return {
    buffer_version: 1,
    entry_count: hashed.length,
    segments: segments.map(({ path, lineCount }) => ({ path, line_count: lineCount })),
    runs,
  };
}
