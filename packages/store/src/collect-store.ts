import { rm } from 'node:fs/promises';
import { explainSystemError, IntegrityError, removeStaleTemporaries } from '@pixelis/core';
import type { ContentReader } from './content-reader';
import { ifPresent, modifiedMs } from './disk';
import { type Layout, requireAddress, type StoredFile } from './layout';
import { readMarks, writeMarks, type Marks } from './marks';
import { STALE_MS } from './piece-store';
import { storedFiles } from './stored-files';
import { moveToTrash, putBack, settleTrash, trashedFiles } from './trash';
import type { CollectedFile, CollectionReport, CollectOptions } from './types';

const DAY_MS = 24 * 3_600_000;

/** What {@link collectStore} works with. */
export interface CollectContext {
  readonly layout: Layout;
  readonly reader: ContentReader;
  readonly now: () => Date;
}

interface Candidate {
  readonly file: StoredFile;
  readonly path: string;
  readonly mtimeMs: number;
  readonly bytes: number;
  /** Whether an earlier run marked it as it is now. */
  readonly isMarked: boolean;
}

/**
 * Removes contents that are not wanted, and chunks that no content needs, while others write:
 *
 * 1. What an earlier run left in the trash is settled.
 * 2. Whatever is neither wanted nor young is marked; what an earlier run marked, and nobody put again since, is taken.
 * 3. Chunks in no list that stays are treated likewise.
 *
 * Taking is: rename into the trash, look at the time once more, put back what was put again in between, remove the rest.
 */
export async function collectStore(
  context: CollectContext,
  options: CollectOptions,
): Promise<CollectionReport> {
  const { gracePeriodMs = DAY_MS } = options;
  if (!(gracePeriodMs >= 0)) {
    throw new RangeError(
      `Cannot collect: gracePeriodMs must be >= 0: current value is ${gracePeriodMs}`,
    );
  }
  const wanted = new Set<string>();
  for await (const address of options.live) {
    requireAddress(address);
    wanted.add(address);
  }
  const horizonMs = context.now().getTime() - gracePeriodMs;
  const marks = await readMarks(context.layout.marks);
  const isApplied = options.isApplied ?? false;
  const collection = new Collection(context, { wanted, horizonMs, marks, isApplied });
  try {
    return await collection.run();
  } catch (error) {
    throw explainSystemError(error, { action: 'collect', path: context.layout.folder }) ?? error;
  }
}

interface Plan {
  readonly wanted: ReadonlySet<string>;
  /** What was put before this time may go. */
  readonly horizonMs: number;
  readonly marks: Marks;
  readonly isApplied: boolean;
}

class Collection {
  readonly #layout: Layout;
  readonly #reader: ContentReader;
  readonly #plan: Plan;
  readonly #found = new Set<string>();
  readonly #marked: Candidate[] = [];
  readonly #taken: Candidate[] = [];

  constructor({ layout, reader }: CollectContext, plan: Plan) {
    this.#layout = layout;
    this.#reader = reader;
    this.#plan = plan;
  }

  async run(): Promise<CollectionReport> {
    const { isApplied } = this.#plan;
    // A collector that was killed leaves in the trash what it had taken. Put back, it is looked at as any other file.
    if (isApplied) await settleTrash(this.#layout);
    for (const area of ['blobs', 'lists'] as const) {
      for await (const file of storedFiles(this.#layout, area)) await this.#lookAt(file);
    }
    await this.#collectChunks();
    if (isApplied) await this.#finish();
    return this.#report();
  }

  async #lookAt(file: StoredFile): Promise<void> {
    if (this.#plan.wanted.has(file.sha256)) {
      this.#found.add(file.sha256);
      return;
    }
    const candidate = await this.#candidate(file);
    if (candidate === null) return;
    if (candidate.isMarked) await this.#take(candidate);
    else this.#marked.push(candidate);
  }

  /** A file that is old enough to go; null for any other. */
  async #candidate(file: StoredFile): Promise<Candidate | null> {
    const path = this.#layout.pathOf(file);
    const found = await modifiedMs(path);
    if (found === null || found.mtimeMs > this.#plan.horizonMs) return null;
    const isMarked = this.#plan.marks.get(this.#layout.relativePathOf(file)) === found.mtimeMs;
    return { file, path, ...found, isMarked };
  }

  async #take(candidate: Candidate): Promise<void> {
    if (!this.#plan.isApplied) {
      this.#taken.push(candidate);
      return;
    }
    const trashed = await moveToTrash(this.#layout, candidate.file);
    if (trashed === null) return;
    const isUntouched = (await modifiedMs(trashed.path))?.mtimeMs === candidate.mtimeMs;
    if (!isUntouched) return putBack(this.#layout, trashed);
    const isRemoved = (await ifPresent(rm(trashed.path))) !== null;
    // Otherwise somebody who settled the trash has put it back.
    if (isRemoved) this.#taken.push(candidate);
  }

  async #collectChunks(): Promise<void> {
    const { needed, neededByMarked } = await this.#neededChunks();
    for await (const file of storedFiles(this.#layout, 'chunks')) {
      if (needed.has(file.sha256)) continue;
      const candidate = await this.#candidate(file);
      if (candidate === null) continue;
      if (candidate.isMarked && !neededByMarked.has(file.sha256)) await this.#take(candidate);
      else this.#marked.push(candidate);
    }
  }

  /** The chunks of lists that stay, and of those that a later run may take. */
  async #neededChunks(): Promise<{ needed: Set<string>; neededByMarked: Set<string> }> {
    const needed = new Set<string>();
    const neededByMarked = new Set<string>();
    const marked = new Set(this.#marked.map(({ path }) => path));
    // When applied, a list at the path of one that was taken is a new one.
    const gone = new Set(this.#plan.isApplied ? [] : this.#taken.map(({ path }) => path));
    for await (const file of this.#lists()) {
      const path = this.#layout.pathOf(file);
      if (gone.has(path)) continue;
      const list = await this.#reader.list(file.sha256);
      if (list === 'damaged') throw this.#listDamaged(file);
      const target = marked.has(path) ? neededByMarked : needed;
      for (const { sha256 } of list?.chunks ?? []) target.add(sha256);
    }
    return { needed, neededByMarked };
  }

  /** All lists, with those that another collector is about to put back. */
  async *#lists(): AsyncGenerator<StoredFile> {
    const seen = new Set<string>();
    // As a reader looks: one that is put back between two looks is seen by the third.
    for (const look of [this.#listsInPlace, this.#listsInTrash, this.#listsInPlace]) {
      for await (const file of look.call(this)) {
        if (seen.has(file.sha256)) continue;
        seen.add(file.sha256);
        yield file;
      }
    }
  }

  #listsInPlace(): AsyncGenerator<StoredFile> {
    return storedFiles(this.#layout, 'lists');
  }

  async *#listsInTrash(): AsyncGenerator<StoredFile> {
    for (const { file } of await trashedFiles(this.#layout)) if (file.area === 'lists') yield file;
  }

  async #finish(): Promise<void> {
    const { marks, temporaries } = this.#layout;
    const entries = this.#marked.map(
      ({ file, mtimeMs }) => [this.#layout.relativePathOf(file), mtimeMs] as const,
    );
    if (entries.length > 0 || this.#plan.marks.size > 0) await writeMarks(marks, new Map(entries));
    if ((await modifiedMs(temporaries)) !== null) {
      removeStaleTemporaries(temporaries, { olderThanMs: STALE_MS });
    }
  }

  #report(): CollectionReport {
    return {
      isApplied: this.#plan.isApplied,
      marked: this.#marked.map(collectedFile),
      taken: this.#taken.map(collectedFile),
      missing: [...this.#plan.wanted].filter((address) => !this.#found.has(address)).sort(),
      markedBytes: this.#marked.reduce((sum, { bytes }) => sum + bytes, 0),
      takenBytes: this.#taken.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  #listDamaged(file: StoredFile): IntegrityError {
    const path = this.#layout.relativePathOf(file);
    const message = `cannot tell which chunks are needed: ${path} of ${this.#layout.folder} is damaged`;
    return new IntegrityError(message, {
      code: 'STORE_DAMAGED',
      remedy: 'verify the store first, which takes damaged files out of the way',
    });
  }
}

function collectedFile({ file, bytes }: Candidate): CollectedFile {
  return { kind: file.area === 'chunks' ? 'chunk' : 'content', sha256: file.sha256, bytes };
}
