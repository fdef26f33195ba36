import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  type ArtifactManager,
  type ArtifactVersion,
  experienceBufferName,
  type RunReference,
  type UsedArtifact,
} from '@pixelis/artifacts';
import {
  canonicalJson,
  explainSystemError,
  IntegrityError,
  type JsonValue,
  UsageError,
} from '@pixelis/core';
import {
  BUFFER_INDEX_FILE,
  brokenIndexError,
  type BufferIndex,
  parseBufferIndex,
} from './buffer-index';
import { type BufferLayout, hashEntry, layOutBuffer, type SegmentLines } from './buffer-layout';
import type { Segment, SegmentLine } from './segment-plan';

/** What a {@link TTRLContext} works on. */
export interface TTRLContextOptions {
  readonly artifacts: ArtifactManager;
  /** The run that makes the snapshots, and uses those that are restored. @default none */
  readonly run?: RunReference;
  /** Tells the time that a snapshot is named after. @default the system's clock */
  readonly now?: () => Date;
}

/** A snapshot that was taken. */
export interface BufferSnapshot {
  /** Such as `experience_buffer_1769860800:1.0.0`, for {@link TTRLContext.restore}. */
  readonly spec: string;
  readonly version: ArtifactVersion;
  readonly entryCount: number;
  /** How many different entries were written for it; the others were there, from earlier snapshots. */
  readonly writtenCount: number;
}

/** What a snapshot holds. */
export interface BufferContents {
  readonly entryCount: number;
  /** The files with its entries, and how many different entries of the snapshot stand in each. */
  readonly segments: readonly {
    path: string;
    bytes: number;
    lineCount: number;
    liveCount: number;
  }[];
}

/** The last snapshot, upon which the next one builds. */
interface Base {
  readonly segments: readonly Segment[];
  readonly lines: SegmentLines;
  /** Segment path → its content. */
  readonly contents: ReadonlyMap<string, string>;
  readonly version: ArtifactVersion | null;
}

const TYPE = 'experience_buffer';
const NOTHING: Base = { segments: [], lines: new Map(), contents: new Map(), version: null };

/**
 * Incremental snapshots of the experience buffer of test-time reinforcement learning. A snapshot is an artifact of its own,
 * `experience_buffer_<unix seconds>`, that can be restored exactly, whatever becomes of the others; entries that an
 * earlier one holds are shared with it, not stored again.
 *
 * An entry is any JSON value and is known by its content: one that changed is a new one. It is restored as it was, but for
 * the order of keys in an object and the sign of a zero. In memory stay a hash and a place for each entry of the last
 * snapshot; while one is taken, also the text of one segment (1 MiB, or the largest entry).
 */
export class TTRLContext {
  readonly #artifacts: ArtifactManager;
  readonly #run: RunReference | undefined;
  readonly #now: () => Date;
  #base = NOTHING;

  constructor({ artifacts, run, now = () => new Date() }: TTRLContextOptions) {
    this.#artifacts = artifacts;
    this.#run = run === undefined ? undefined : { runId: run.runId, runUuid: run.runUuid };
    this.#now = now;
  }

  /**
   * Takes a snapshot of the buffer as it is at the moment of the call; it may change before the promise resolves. Two
   * snapshots within a second are two versions of one artifact.
   *
   * @throws {TypeError} If an entry is not what JSON can hold; nothing is stored then.
   * @throws {DataError} If the disk is full or a folder unwritable.
   * @throws {IntegrityError} If content of the last snapshot is gone or damaged; the next snapshot then stores everything.
   */
  async snapshot(buffer: Iterable<JsonValue>): Promise<BufferSnapshot> {
    const base = this.#base;
    const unixSeconds = Math.floor(this.#now().getTime() / 1000);
    const folder = temporaryFolder();
    try {
      const layout = layOut([...buffer], { lines: base.lines, folder });
      const version = await this.#put(layout, { base, folder, unixSeconds });
      await this.#buildUpon(layout, version);
      const { entry_count: entryCount } = layout.index;
      return { spec: specOf(version), version, entryCount, writtenCount: layout.writtenCount };
    } catch (error) {
      if (error instanceof IntegrityError) this.#base = NOTHING;
      throw error;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /**
   * The entries of a snapshot, in their order, each a value of its own. The next snapshot builds upon this one, so that a
   * program that goes on after a restart stores only what is new.
   *
   * @param spec Such as `experience_buffer_1769860800` or that with `:1.0.0`.
   * @throws {UsageError} `ARTIFACT_UNKNOWN` if there is no such artifact, `ARTIFACT_NOT_A_BUFFER` if it is another kind.
   * @throws {IntegrityError} If something of it is missing or damaged.
   */
  async restore(spec: string): Promise<JsonValue[]> {
    const { used, index } = await this.#open(spec, { isRecorded: true });
    const entries = new Array<JsonValue>(index.entry_count).fill(null);
    const lines = new Map<string, SegmentLine>();
    const segments: Segment[] = [];
    for (const [position, { path, line_count: lineCount }] of index.segments.entries()) {
      const bytes = await used.readBytes(path);
      const texts = new TextDecoder().decode(bytes).split('\n').slice(0, -1);
      if (texts.length !== lineCount) throw brokenIndexError(spec);
      const segment: Segment = { path, bytes: bytes.byteLength, lineCount };
      segments.push(segment);
      for (const { line, entry } of linesInUse(index, position)) {
        const text = texts[line] ?? '';
        entries[entry] = parseEntry(text);
        const { sha256, bytes: length } = hashEntry(text);
        lines.set(sha256, { segment, line, bytes: length });
      }
    }
    const contents = await this.#contents(used);
    this.#base = { segments, lines, contents, version: used };
    return entries;
  }

  /** All snapshots that the store holds, of any run, newest first. */
  snapshots(): readonly ArtifactVersion[] {
    return [...this.#artifacts.list({ type: TYPE })].sort((a, b) =>
      a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0,
    );
  }

  /**
   * What a snapshot holds, without reading its entries.
   *
   * @throws As {@link TTRLContext.restore} does.
   */
  async describe(spec: string): Promise<BufferContents> {
    const { used, index } = await this.#open(spec, { isRecorded: false });
    const sizes = new Map((await used.files()).map(({ path, bytes }) => [path, bytes]));
    const segments = index.segments.map(({ path, line_count: lineCount }, position) => {
      const live = new Set([...linesInUse(index, position)].map(({ line }) => line));
      return { path, bytes: sizes.get(path) ?? 0, lineCount, liveCount: live.size };
    });
    return { entryCount: index.entry_count, segments };
  }

  async #open(
    spec: string,
    { isRecorded }: { isRecorded: boolean },
  ): Promise<{ used: UsedArtifact; index: BufferIndex }> {
    const { type } = this.#artifacts.resolve(spec);
    if (type !== TYPE) {
      throw new UsageError(`${spec} is of type ${type}, no snapshot of an experience buffer`, {
        code: 'ARTIFACT_NOT_A_BUFFER',
        remedy: 'Name an artifact experience_buffer_<unix seconds>; snapshots() lists them.',
      });
    }
    const run = isRecorded ? this.#run : undefined;
    const used = await this.#artifacts.use(spec, run === undefined ? {} : { run, role: TYPE });
    const bytes = await used.readBytes(BUFFER_INDEX_FILE);
    return { used, index: parseBufferIndex(new TextDecoder().decode(bytes), spec) };
  }

  async #put(
    layout: BufferLayout,
    { base, folder, unixSeconds }: { base: Base; folder: string; unixSeconds: number },
  ): Promise<ArtifactVersion> {
    const files: Record<string, Uint8Array | { readonly file: string }> = {
      [BUFFER_INDEX_FILE]: new TextEncoder().encode(canonicalJson({ ...layout.index })),
    };
    for (const { path } of layout.segments) {
      const content = base.contents.get(path);
      const file = layout.newFiles.get(path) ?? join(folder, path.slice(path.indexOf('/') + 1));
      if (!layout.newFiles.has(path) && content !== undefined)
        await pipeline(this.#artifacts.store.read(content), createWriteStream(file));
      files[path] = { file };
    }
    return this.#artifacts.put(experienceBufferName(unixSeconds), files, {
      type: TYPE,
      metadata: { entry_count: layout.index.entry_count, written_count: layout.writtenCount },
      parents: base.version === null ? [] : [referenceTo(base.version)],
      ...(this.#run === undefined ? {} : { run: this.#run }),
    });
  }

  async #buildUpon(layout: BufferLayout, version: ArtifactVersion): Promise<void> {
    const { segments, lines } = layout;
    this.#base = { segments, lines, contents: await this.#contents(version), version };
  }

  async #contents(version: ArtifactVersion): Promise<ReadonlyMap<string, string>> {
    const files = await this.#artifacts.files(version);
    return new Map(files.map(({ path, sha256 }) => [path, sha256]));
  }
}

function layOut(
  entries: readonly JsonValue[],
  options: { lines: SegmentLines; folder: string },
): BufferLayout {
  try {
    return layOutBuffer(entries, options);
  } catch (error) {
    throw explainSystemError(error, { action: 'write', path: options.folder }) ?? error;
  }
}

function temporaryFolder(): string {
  const prefix = join(tmpdir(), 'pixelis-buffer-');
  try {
    return mkdtempSync(prefix);
  } catch (error) {
    throw explainSystemError(error, { action: 'write', path: prefix }) ?? error;
  }
}

/** The lines of a segment that the buffer has, each with the position of its entry. */
function* linesInUse(
  index: BufferIndex,
  segment: number,
): Generator<{ line: number; entry: number }> {
  let entry = 0;
  for (const [position, first, length] of index.runs) {
    if (position === segment)
      for (let i = 0; i < length; i++) yield { line: first + i, entry: entry + i };
    entry += length;
  }
}

/** `JSON.parse` gives nothing but JSON. */
function parseEntry(text: string): JsonValue {
  return JSON.parse(text) as JsonValue;
}

function specOf({ name, version }: ArtifactVersion): string {
  return `${name}:${version}`;
}

function referenceTo({ name, version, digest }: ArtifactVersion) {
  return { name, version, digest };
}
