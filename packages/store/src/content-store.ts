import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { explainSystemError, renamePersistentlySync } from '@pixelis/core';
import { collectStore } from './collect-store';
import { ContentReader } from './content-reader';
import { flushFolder, removeQuietly, temporaryIn, writeSlices } from './disk';
import { Layout, requireAddress } from './layout';
import { PieceStore } from './piece-store';
import { type PutContext, putContent } from './put-content';
import { copiedSlices, fileSlices } from './slices';
import { filesOfShard, shardsOf } from './stored-files';
import type {
  CollectionReport,
  CollectOptions,
  ContentReference,
  ContentStoreOptions,
  GetFileOptions,
  StoreVerification,
  VerifyOptions,
} from './types';
import { verifyStore } from './verify-store';

/**
 * Contents by their SHA-256 in a plain folder that any number of processes and machines share, without a server, a
 * database or locks. Nothing that is there is ever changed; equal contents, and equal parts of long ones, are there once.
 * `docs/formats/store.md` describes the folder.
 */
export class ContentStore {
  /** The folder that `open` was given. */
  readonly folder: string;
  readonly #layout: Layout;
  readonly #reader: ContentReader;
  readonly #pieces: PieceStore;
  readonly #isChunking: boolean;
  readonly #now: () => Date;

  private constructor(folder: string, options: ContentStoreOptions) {
    const { chunking = 'auto', compression = 'none', now = () => new Date() } = options;
    this.folder = folder;
    this.#layout = new Layout(folder);
    this.#reader = new ContentReader(this.#layout);
    this.#pieces = new PieceStore(this.#layout, { isCompressing: compression === 'zstd', now });
    this.#isChunking = chunking === 'auto';
    this.#now = now;
  }

  /** Opens the store in a folder. Nothing is made or changed before the first put. */
  static open(folder: string, options: ContentStoreOptions = {}): ContentStore {
    return new ContentStore(folder, options);
  }

  /**
   * Stores bytes, a text as UTF-8, or what a stream gives, in bounded memory. Once it resolves, the content outlives a
   * crash and a power cut. A content that is there already is not written again, but counts as put now.
   *
   * @throws {DataError} If the disk is full or the folder unwritable; the store stays intact. What a stream throws, as it is.
   */
  async put(content: Uint8Array | string | AsyncIterable<Uint8Array>): Promise<ContentReference> {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    return putContent(copiedSlices(bytes), this.#putContext());
  }

  /** Stores the bytes of a file; see {@link put}. @throws {DataError} If the file cannot be read, too. */
  async putFile(path: string): Promise<ContentReference> {
    try {
      const slices = fileSlices(await open(path, 'r'), { path, isReusing: true });
      return await putContent(slices, this.#putContext());
    } catch (error) {
      throw explainSystemError(error, { action: 'read', path }) ?? error;
    }
  }

  /** Whether the store holds a content with all its parts. Their bytes are not looked at; `verify` does that. @throws {UsageError} */
  async has(sha256: string): Promise<boolean> {
    requireAddress(sha256);
    return this.#explained(() => this.#reader.has(sha256));
  }

  /**
   * Counts a content as put now if the store holds it with all its parts, as {@link put} of the same bytes would: a
   * collector that is at work leaves it. For whoever is about to refer to a content and need not bring its bytes.
   *
   * @returns Whether the store holds it; if not, it is to be put.
   * @throws {UsageError} If the address is none. @throws {DataError} If the folder cannot be written.
   */
  async renew(content: ContentReference): Promise<boolean> {
    requireAddress(content.sha256);
    return (await this.#refresh(content)) !== null;
  }

  /**
   * The bytes of a content, in pieces of up to a few mebibytes, in bounded memory. The last piece comes only when the
   * whole was found to be what its address says: a loop that ends without an error has seen the true content.
   *
   * @throws {IntegrityError} `CONTENT_MISSING`, or `CONTENT_DAMAGED` if the store holds something else.
   * @throws {UsageError} If the address is none.
   */
  async *read(sha256: string): AsyncGenerator<Uint8Array, void, undefined> {
    requireAddress(sha256);
    yield* this.#reader.read(sha256);
  }

  /** All bytes of a content; see {@link read}. */
  async readBytes(sha256: string): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.read(sha256)) pieces.push(piece);
    return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
  }

  /**
   * Writes a content into a file, which appears whole and verified or not at all, whenever the process dies. Its folder
   * must exist.
   *
   * @throws {DataError} If the file cannot be written. See also {@link read}.
   */
  async getFile(sha256: string, path: string, options: GetFileOptions = {}): Promise<void> {
    requireAddress(sha256);
    const { isDurable = false } = options;
    const temporary = temporaryIn(dirname(path));
    try {
      const handle = await open(temporary, 'wx');
      try {
        await writeSlices({ handle, path }, this.#reader.read(sha256, { isReusing: true }));
        if (isDurable) await handle.sync();
      } finally {
        await handle.close();
      }
      renamePersistentlySync(temporary, path);
      if (isDurable) await flushFolder(dirname(path));
    } catch (error) {
      await removeQuietly(temporary);
      throw explainSystemError(error, { action: 'write', path }) ?? error;
    }
  }

  /** All whole contents, by address. Those that say nothing sensible of their length are left to `verify`. */
  async *list(): AsyncGenerator<ContentReference, void, undefined> {
    const [blobs, lists] = await Promise.all([
      shardsOf(this.#layout, 'blobs'),
      shardsOf(this.#layout, 'lists'),
    ]);
    for (const shard of [...new Set([...blobs, ...lists])].sort()) {
      const files = await Promise.all([
        filesOfShard(this.#layout, { area: 'blobs', shard }),
        filesOfShard(this.#layout, { area: 'lists', shard }),
      ]);
      let last = '';
      for (const file of files.flat().sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1))) {
        if (file.sha256 === last) continue;
        const bytes = await this.#reader.contentBytes(file);
        if (bytes === null) continue;
        last = file.sha256;
        yield { sha256: file.sha256, bytes };
      }
    }
  }

  /**
   * Reads everything, finds every bit that is not as it was put, and names each content that is hurt. What is damaged is
   * moved to quarantine; the next put of the same content heals it.
   *
   * @throws {DataError} If the folder cannot be read, or changed where something is damaged.
   */
  async verify(options: VerifyOptions = {}): Promise<StoreVerification> {
    return verifyStore({ layout: this.#layout, reader: this.#reader }, options);
  }

  /**
   * Removes contents that are neither live nor young, in two runs: the first marks them, a later one takes what is still
   * not live and was not put again. Safe while others put, as long as the grace period is longer than what lies between
   * a put's begin and the moment from which its content is among the live ones. A dry run unless `isApplied`.
   *
   * @throws {IntegrityError} `STORE_DAMAGED` if a chunk list cannot be read; nothing of it is taken.
   * @throws {UsageError} If a live address is none. @throws {RangeError} If the grace period is negative.
   */
  async collect(options: CollectOptions): Promise<CollectionReport> {
    return collectStore({ layout: this.#layout, reader: this.#reader, now: this.#now }, options);
  }

  #putContext(): PutContext {
    return {
      layout: this.#layout,
      pieces: this.#pieces,
      isChunking: this.#isChunking,
      refresh: (content) => this.#refresh(content),
    };
  }

  /** Makes a content young that is there whole; the folder that holds it, or null if it must be written. */
  async #refresh(content: ContentReference): Promise<string | null> {
    const { sha256 } = content;
    if (await this.#pieces.refresh('blobs', content)) {
      return this.#layout.folderOf({ area: 'blobs', sha256 });
    }
    // The list comes first: no collector takes a chunk that a young list needs.
    if (!(await this.#pieces.refresh('lists', { sha256 }))) return null;
    const list = await this.#reader.list(sha256);
    if (list === null || list === 'damaged' || list.bytes !== content.bytes) return null;
    return (await this.#reader.hasChunks(list))
      ? this.#layout.folderOf({ area: 'lists', sha256 })
      : null;
  }

  async #explained<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      throw explainSystemError(error, { action: 'read', path: join(this.folder, 'v1') }) ?? error;
    }
  }
}
