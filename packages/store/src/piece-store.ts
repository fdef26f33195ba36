import { type FileHandle, open, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  explainSystemError,
  isSystemError,
  removeStaleTemporaries,
  renamePersistentlySync,
} from '@pixelis/core';
import {
  flushFolder,
  ifPresent,
  makeFolder,
  modifiedMs,
  removeQuietly,
  temporaryIn,
  writeAll,
} from './disk';
import type { Area, Layout, StoredFile } from './layout';
import { compressed } from './zstd';

/** Age of a temporary file from which no writer can still be at work. */
export const STALE_MS = 24 * 3_600_000;
const UNOWNED = new Set(['EPERM', 'EACCES']);

/** Options of {@link PieceStore}. */
export interface PieceStoreOptions {
  readonly isCompressing: boolean;
  readonly now: () => Date;
}

/** Where bytes belong. */
export interface Piece {
  readonly area: Area;
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/** A file that is being written; until it is committed nobody sees it. */
export interface Draft {
  readonly path: string;
  readonly handle: FileHandle;
}

/**
 * Writes the files of a store. Each one appears whole, under its final name, or not at all. What {@link keep} and
 * {@link commit} did is certain to outlive a power cut once {@link flush} has returned.
 */
export class PieceStore {
  readonly #layout: Layout;
  readonly #isCompressing: boolean;
  readonly #now: () => Date;
  /** Folders that are there and whose own names are on the disk itself. */
  readonly #settled = new Set<string>();
  #isTidied = false;

  constructor(layout: Layout, { isCompressing, now }: PieceStoreOptions) {
    this.#layout = layout;
    this.#isCompressing = isCompressing;
    this.#now = now;
  }

  /** Sees to it that the store holds a blob, chunk or list, and that no collector takes it for old. */
  async keep(piece: Piece): Promise<void> {
    const { area, sha256, bytes } = piece;
    if (!(await this.refresh(area, { sha256, bytes: bytes.byteLength }))) await this.write(piece);
  }

  /** Writes a blob, chunk or list. */
  async write({ area, sha256, bytes }: Piece): Promise<void> {
    const frame = this.#isCompressing && area !== 'lists' ? await compressed(bytes) : null;
    await this.#write({ area, sha256, isCompressed: frame !== null }, frame ?? bytes);
  }

  /**
   * Gives a file that is there the time of now, in whichever form it is there. `bytes` is its length, uncompressed,
   * where the caller knows it.
   *
   * @returns Whether it was there, of the right length, and could be given the time.
   */
  async refresh(
    area: Area,
    { sha256, bytes }: { sha256: string; bytes?: number },
  ): Promise<boolean> {
    const forms = area === 'lists' ? [false] : [false, true];
    for (const isCompressed of forms) {
      const path = this.#layout.pathOf({ area, sha256, isCompressed });
      const found = await modifiedMs(path);
      const isTorn = !isCompressed && bytes !== undefined && found?.bytes !== bytes;
      if (found === null || isTorn) continue;
      if (await this.#touch(path)) return true;
    }
    return false;
  }

  /** Begins a file. @throws {DataError} If the folder cannot be written. */
  async draft(): Promise<Draft> {
    const folder = this.#layout.temporaries;
    const path = temporaryIn(folder);
    return this.#explained(path, async () => {
      let handle = await ifPresent(open(path, 'wx'));
      if (handle === null) {
        await makeFolder(folder);
        handle = await open(path, 'wx');
      }
      this.#tidy();
      return { path, handle };
    });
  }

  /** Gives a draft that was fully written its name. The draft is closed, whatever happens. */
  async commit({ path, handle }: Draft, file: StoredFile): Promise<void> {
    const target = this.#layout.pathOf(file);
    await this.#explained(target, async () => {
      try {
        const time = this.#now();
        await handle.utimes(time, time);
        await handle.sync();
        await handle.close();
        if (!this.#settled.has(dirname(target))) await makeFolder(dirname(target));
        renamePersistentlySync(path, target);
      } catch (error) {
        await this.discard({ path, handle });
        throw error;
      }
    });
  }

  /** Closes and removes a draft. */
  async discard({ path, handle }: Draft): Promise<void> {
    await handle.close().catch(() => undefined);
    await removeQuietly(path);
  }

  /** Returns when these folders of the store, with those above them, are on the disk itself. */
  async flush(folders: Iterable<string>): Promise<void> {
    const wanted = new Set<string>();
    const unsettled: string[] = [];
    for (const folder of folders) {
      wanted.add(folder);
      if (this.#settled.has(folder)) continue;
      unsettled.push(folder);
      for (const above of this.#above(folder)) wanted.add(above);
    }
    await this.#explained(this.#layout.folder, () => Promise.all([...wanted].map(flushFolder)));
    for (const folder of unsettled) this.#settled.add(folder);
  }

  /** The folders that hold the names of a shard and of those above it, up to the one that the store was made in. */
  #above(shard: string): string[] {
    const { root, folder } = this.#layout;
    return [dirname(shard), root, folder, dirname(folder)];
  }

  async #write(file: StoredFile, bytes: Uint8Array): Promise<void> {
    const draft = await this.draft();
    try {
      await this.#explained(this.#layout.pathOf(file), () => writeAll(draft.handle, bytes));
    } catch (error) {
      await this.discard(draft);
      throw error;
    }
    await this.commit(draft, file);
  }

  /** False if the file went away, or belongs to somebody else, so that only writing it anew makes it young. */
  async #touch(path: string): Promise<boolean> {
    const time = this.#now();
    try {
      await utimes(path, time, time);
      return true;
    } catch (error) {
      if (isSystemError(error) && (error.code === 'ENOENT' || UNOWNED.has(error.code)))
        return false;
      throw explainSystemError(error, { action: 'refresh', path }) ?? error;
    }
  }

  /** What killed writers left behind goes with the first write of each process. */
  #tidy(): void {
    if (this.#isTidied) return;
    this.#isTidied = true;
    removeStaleTemporaries(this.#layout.temporaries, { olderThanMs: STALE_MS });
  }

  async #explained<T>(path: string, operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      throw explainSystemError(error, { action: 'write', path }) ?? error;
    }
  }
}
