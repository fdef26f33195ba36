import { randomBytes } from 'node:crypto';
import { chmod, readdir, rename, rm, rmdir, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { explainSystemError, isSystemError, makeFolderSync, sha256File } from '@pixelis/core';
import type { ContentStore } from '@pixelis/store';
import type { ArtifactFile } from './history-entry';

/** How long a copy that was asked for is safe: whoever asked may not have opened it yet. */
const PROTECTED_MS = 600_000;
/** The share of the limit that a process may add before it looks again at what all processes have in the cache. */
const UNSEEN_SHARE = 1 / 32;

interface Copy {
  readonly path: string;
  readonly bytes: number;
  readonly usedMs: number;
}

/** Options of {@link ArtifactCache}. */
export interface ArtifactCacheOptions {
  /** While all copies are larger than this, those go that were not asked for for the longest time. */
  bytesMax: number;
}

/**
 * Copies of the files of artifacts, for programs that want a path: `<folder>/<sha256>/<name>`, read-only. Any number of
 * processes share it. It may be removed, whole or in part, at any time: that costs time only.
 */
export class ArtifactCache {
  readonly #folder: string;
  readonly #store: ContentStore;
  readonly #bytesMax: number;
  readonly #verified = new Set<string>();
  /** How much this process added since it last looked at the whole cache; at first it has never looked. */
  #unseenBytes = Infinity;

  constructor(folder: string, store: ContentStore, options: ArtifactCacheOptions) {
    this.#folder = folder;
    this.#store = store;
    this.#bytesMax = options.bytesMax;
  }

  /**
   * The path of a copy whose hash this process checked, when it made it or when it first met it.
   *
   * @throws {IntegrityError} `CONTENT_MISSING` or `CONTENT_DAMAGED` if the store cannot give the content.
   * @throws {DataError} if the copy cannot be written.
   */
  async file(file: ArtifactFile): Promise<string> {
    const path = join(this.#folder, file.sha256, basename(file.path));
    try {
      if (!(await this.#isIntact(path, file))) {
        await this.#copy(file, path);
        this.#unseenBytes += file.bytes;
        if (this.#unseenBytes > this.#bytesMax * UNSEEN_SHARE) await this.#evict();
      }
      this.#verified.add(path);
      return path;
    } catch (error) {
      throw explainSystemError(error, { action: 'write', path }) ?? error;
    }
  }

  async #isIntact(path: string, file: ArtifactFile): Promise<boolean> {
    try {
      if ((await stat(path)).size !== file.bytes) return false;
      const now = new Date();
      await utimes(path, now, now);
      return this.#verified.has(path) || (await sha256File(path)) === file.sha256;
    } catch (error) {
      if (isSystemError(error) && error.code === 'ENOENT') return false;
      throw error;
    }
  }

  async #copy(file: ArtifactFile, path: string): Promise<void> {
    const temporary = join(dirname(path), `.${randomBytes(6).toString('hex')}.tmp`);
    makeFolderSync(dirname(path));
    try {
      await this.#store.getFile(file.sha256, temporary);
      await chmod(temporary, 0o444);
      await rename(temporary, path);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async #evict(): Promise<void> {
    const copies = await this.#list();
    this.#unseenBytes = 0;
    let bytes = copies.reduce((sum, copy) => sum + copy.bytes, 0);
    const before = Date.now() - PROTECTED_MS;
    for (const copy of copies.sort((a, b) => a.usedMs - b.usedMs)) {
      if (bytes <= this.#bytesMax || copy.usedMs > before) return;
      await rm(copy.path, { force: true });
      await rmdir(dirname(copy.path)).catch(() => undefined);
      this.#verified.delete(copy.path);
      bytes -= copy.bytes;
    }
  }

  /** With what a process left behind that was killed while it copied. */
  async #list(): Promise<Copy[]> {
    const copies: Copy[] = [];
    for (const name of await readdir(this.#folder, { recursive: true })) {
      const path = join(this.#folder, name);
      const status = await stat(path).catch(() => null);
      if (status?.isFile() === true)
        copies.push({ path, bytes: status.size, usedMs: status.mtimeMs });
    }
    return copies;
  }
}
