import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { explainSystemError, IntegrityError } from '@pixelis/core';
import { type ChunkList, LIST_BYTES_MAX, parseChunkList } from './chunk-list';
import { ifPresent, modifiedMs, readFully } from './disk';
import {
  type Area,
  type Layout,
  PIECE_BYTES_MAX,
  type StoredFile,
  type StoredPlace,
} from './layout';
import { fileSlices } from './slices';
import { trashedFiles } from './trash';
import type { ContentReference } from './types';
import { decompressed, FRAME_HEADER_BYTES_MAX, frameContentBytes } from './zstd';

/** What a file of the store gives whoever opened it. */
export interface OpenedFile {
  readonly file: StoredFile;
  readonly path: string;
  readonly handle: FileHandle;
  /** Length on the disk. */
  readonly bytes: number;
}

/** How a content is read. */
export interface ReadOptions {
  /** Whether slices may share memory; see `fileSlices`. @default false */
  isReusing?: boolean;
}

/** Reads what a store holds, and believes nothing of it. */
export class ContentReader {
  readonly #layout: Layout;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /**
   * The bytes of a content. The last ones come only when the whole was found to be what its address says.
   *
   * @throws {IntegrityError} `CONTENT_MISSING`, `CONTENT_DAMAGED`
   */
  async *read(sha256: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    let last: Uint8Array | undefined;
    for await (const slice of this.#slices(sha256, options)) {
      if (last !== undefined) yield last;
      hash.update(slice);
      last = slice;
    }
    if (hash.digest('hex') !== sha256) {
      throw this.#damaged(sha256, 'its bytes differ from its address');
    }
    if (last !== undefined) yield last;
  }

  /** Whether a content and all parts of it are there. */
  async has(sha256: string): Promise<boolean> {
    if (await this.#isThere('blobs', { sha256 })) return true;
    const list = await this.list(sha256);
    return list !== null && list !== 'damaged' && this.hasChunks(list);
  }

  /** Whether all chunks of a list are there, as long as the list says. */
  async hasChunks({ chunks }: ChunkList): Promise<boolean> {
    for (const chunk of chunks) if (!(await this.#isThere('chunks', chunk))) return false;
    return true;
  }

  /** The chunk list of a content; null if there is none. */
  async list(sha256: string): Promise<ChunkList | 'damaged' | null> {
    return listIn(await this.#open('lists', sha256));
  }

  /** The chunk list in one file, wherever that lies; null if it is not there. */
  async listAt({ file, path }: StoredPlace): Promise<ChunkList | 'damaged' | null> {
    return listIn(await this.#openAt(file, path));
  }

  /** A chunk's bytes; null if it is not there, `damaged` if they cannot be had. They are not compared with its address. */
  async chunk(sha256: string): Promise<Uint8Array | 'damaged' | null> {
    const opened = await this.#open('chunks', sha256);
    if (opened === null) return null;
    return (await pieceBytes(opened)) ?? 'damaged';
  }

  /** Length of the content in a file of the store, as far as the file says it; null if it does not, or went away. */
  async contentBytes(file: StoredFile): Promise<number | null> {
    const path = this.#layout.pathOf(file);
    if (file.area === 'lists') {
      const list = await this.list(file.sha256);
      return list === null || list === 'damaged' ? null : list.bytes;
    }
    if (!file.isCompressed) return (await modifiedMs(path))?.bytes ?? null;
    const handle = await ifPresent(open(path, 'r'));
    if (handle === null) return null;
    const header = Buffer.alloc(FRAME_HEADER_BYTES_MAX);
    const filled = await readFully(handle, header).finally(() => handle.close());
    return frameContentBytes(header.subarray(0, filled));
  }

  async *#slices(sha256: string, options: ReadOptions): AsyncGenerator<Uint8Array> {
    const opened = await this.#open('blobs', sha256);
    if (opened === null) {
      const list = await this.list(sha256);
      if (list === null) throw this.#missing(sha256);
      if (list === 'damaged') throw this.#damaged(sha256, 'its chunk list is damaged');
      yield* this.#chunks(sha256, list.chunks);
    } else if (opened.file.isCompressed) {
      const bytes = await pieceBytes(opened);
      if (bytes === null) throw this.#damaged(sha256, 'its compressed form is damaged');
      yield bytes;
    } else {
      yield* fileSlices(opened.handle, { ...options, path: opened.path });
    }
  }

  /** The chunks of a content, the next one being read while the last is looked at. */
  async *#chunks(sha256: string, chunks: readonly ContentReference[]): AsyncGenerator<Uint8Array> {
    let next = this.#chunkOf(sha256, chunks[0]);
    for (let index = 1; index <= chunks.length; index++) {
      const bytes = await next;
      next = this.#chunkOf(sha256, chunks[index]);
      next.catch(() => undefined);
      yield bytes;
    }
  }

  async #chunkOf(sha256: string, chunk: ContentReference | undefined): Promise<Uint8Array> {
    if (chunk === undefined) return new Uint8Array();
    const bytes = await this.chunk(chunk.sha256);
    if (bytes === null) throw this.#damaged(sha256, `its chunk ${chunk.sha256} is missing`);
    if (bytes === 'damaged' || bytes.byteLength !== chunk.bytes) {
      throw this.#damaged(sha256, `its chunk ${chunk.sha256} is damaged`);
    }
    return bytes;
  }

  async #isThere(
    area: Area,
    { sha256, bytes }: { sha256: string; bytes?: number },
  ): Promise<boolean> {
    for await (const { file, path } of this.#places(area, sha256)) {
      const found = await modifiedMs(path);
      if (found === null) continue;
      if (file.isCompressed || bytes === undefined || found.bytes === bytes) return true;
    }
    return false;
  }

  /** Opens a blob, chunk or list; null if the store does not hold it. What is open can be read even if it is collected. */
  async #open(area: Area, sha256: string): Promise<OpenedFile | null> {
    for await (const { file, path } of this.#places(area, sha256)) {
      const opened = await this.#openAt(file, path);
      if (opened !== null) return opened;
    }
    return null;
  }

  /**
   * Where a file may lie, in the order in which to look. A collector that was killed may have left a wanted file in the
   * trash; one that is at work puts it back between two looks.
   */
  async *#places(area: Area, sha256: string): AsyncGenerator<StoredPlace> {
    const forms = area === 'lists' ? [false] : [false, true];
    const files = forms.map((isCompressed) => ({ area, sha256, isCompressed }));
    const usual = files.map((file) => ({ file, path: this.#layout.pathOf(file) }));
    yield* usual;
    for (const trashed of await trashedFiles(this.#layout)) {
      if (trashed.file.area === area && trashed.file.sha256 === sha256) yield trashed;
    }
    yield* usual;
  }

  async #openAt(file: StoredFile, path: string): Promise<OpenedFile | null> {
    try {
      const handle = await ifPresent(open(path, 'r'));
      return handle === null ? null : await openedFile({ file, path, handle });
    } catch (error) {
      throw explainSystemError(error, { action: 'read', path }) ?? error;
    }
  }

  #missing(sha256: string): IntegrityError {
    return new IntegrityError(`the store ${this.#layout.folder} has no content ${sha256}`, {
      code: 'CONTENT_MISSING',
      remedy: 'put the content again, or copy it from another store that has it',
    });
  }

  #damaged(sha256: string, reason: string): IntegrityError {
    const message = `the content ${sha256} of the store ${this.#layout.folder} is damaged: ${reason}`;
    return new IntegrityError(message, {
      code: 'CONTENT_DAMAGED',
      remedy:
        'verify the store, which takes damaged files out of the way, then put the content again',
    });
  }
}

/** Adds a file's length to what is known of it. */
export async function openedFile(opened: Omit<OpenedFile, 'bytes'>): Promise<OpenedFile> {
  return { ...opened, bytes: (await opened.handle.stat()).size };
}

/** The bytes of a blob or chunk that fits into memory; null if it is damaged. Closes the file. */
export async function pieceBytes(opened: OpenedFile): Promise<Uint8Array | null> {
  const bytes = await wholeFile(opened, PIECE_BYTES_MAX);
  return bytes !== null && opened.file.isCompressed ? decompressed(bytes) : bytes;
}

/** What an opened file says as a chunk list. Closes the file. */
async function listIn(opened: OpenedFile | null): Promise<ChunkList | 'damaged' | null> {
  if (opened === null) return null;
  const bytes = await wholeFile(opened, LIST_BYTES_MAX);
  return bytes === null ? 'damaged' : (parseChunkList(bytes.toString('utf8')) ?? 'damaged');
}

/** All of a file; null if it is longer than `bytesMax` or changes its length. Closes the file. */
async function wholeFile({ handle, bytes }: OpenedFile, bytesMax: number): Promise<Buffer | null> {
  try {
    if (bytes > bytesMax) return null;
    const content = Buffer.allocUnsafeSlow(bytes);
    return (await readFully(handle, content)) === bytes ? content : null;
  } finally {
    await handle.close();
  }
}
