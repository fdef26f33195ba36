import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { explainSystemError, isSystemError, makeFolderSync } from '@pixelis/core';
import { writeFileFromStream } from '../sync/stream-file';
import {
  checkKey,
  damagedSourceError,
  type ObjectBody,
  type ObjectInfo,
  type ObjectStore,
  type PutObjectOptions,
} from './object-store';

/** A folder as an object store: a mounted disk, or a stand-in for a bucket. Names that begin with a dot are not listed. */
export class FolderStore implements ObjectStore {
  readonly address: string;
  readonly #folder: string;

  /** @param folder Made by the first put. */
  constructor(folder: string) {
    this.#folder = resolve(folder);
    this.address = `file:${this.#folder}`;
  }

  async connect(): Promise<void> {
    await this.#explained(() => makeFolderSync(this.#folder));
  }

  async put(key: string, body: ObjectBody, options: PutObjectOptions = {}): Promise<boolean> {
    const path = this.#path(key);
    const pieces = body instanceof Uint8Array ? [body] : body.open();
    const expected = body instanceof Uint8Array ? null : body.sha256;
    return this.#explained(async () => {
      makeFolderSync(dirname(path));
      if (options.ifAbsent === true && (await this.head(key)) !== null) return false;
      const beside = join(dirname(path), `.${randomBytes(6).toString('hex')}.tmp`);
      await writeFileFromStream(beside, pieces, ({ sha256 }) => {
        if (expected !== null && sha256 !== expected) throw damagedSourceError(key);
      });
      return moveInto(beside, path, options);
    });
  }

  async get(key: string): Promise<AsyncIterable<Uint8Array> | null> {
    const found = await this.head(key);
    return found === null ? null : createReadStream(this.#path(key));
  }

  async head(key: string): Promise<ObjectInfo | null> {
    try {
      const found = await stat(this.#path(key));
      return found.isFile() ? { key, bytes: found.size, sha256: null } : null;
    } catch (error) {
      if (isAbsent(error)) return null;
      throw explainSystemError(error) ?? error;
    }
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    yield* this.#listBelow(folder, prefix);
  }

  async delete(key: string): Promise<void> {
    await this.#explained(() => rm(this.#path(key), { force: true }));
  }

  async *#listBelow(folder: string, prefix: string): AsyncGenerator<ObjectInfo> {
    for (const entry of await this.#entries(folder)) {
      const key = `${folder}${entry.name}`;
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory()) {
        if (`${key}/`.startsWith(prefix) || prefix.startsWith(`${key}/`)) {
          yield* this.#listBelow(`${key}/`, prefix);
        }
        continue;
      }
      const found = entry.isFile() && key.startsWith(prefix) ? await this.head(key) : null;
      if (found !== null) yield found;
    }
  }

  async #entries(folder: string) {
    try {
      return await readdir(join(this.#folder, folder), { withFileTypes: true });
    } catch (error) {
      if (isAbsent(error)) return [];
      throw explainSystemError(error) ?? error;
    }
  }

  #path(key: string): string {
    return join(this.#folder, ...checkKey(key).split('/'));
  }

  async #explained<T>(operation: () => Promise<T> | T): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      throw explainSystemError(error) ?? error;
    }
  }
}

/** A link is made by one of several writers only, where a rename would replace. */
async function moveInto(from: string, to: string, options: PutObjectOptions): Promise<boolean> {
  if (options.ifAbsent !== true) {
    await rename(from, to);
    return true;
  }
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isSystemError(error) && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(from, { force: true });
  }
}

function isAbsent(error: unknown): boolean {
  return isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
