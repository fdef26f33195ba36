import { join } from 'node:path';
import { UsageError } from '@pixelis/core';

/** Where a file of the store lies: whole contents, parts of contents, or the lists that name the parts. */
export type Area = 'blobs' | 'chunks' | 'lists';

/** A file of the store, which never changes once it is there. */
export interface StoredFile {
  readonly area: Area;
  /** Of the content, uncompressed and whole, or of the chunk, uncompressed. */
  readonly sha256: string;
  /** A Zstandard frame instead of the bytes themselves; never for a list. */
  readonly isCompressed: boolean;
}

/** A file of the store, and where it lies now. */
export interface StoredPlace {
  readonly file: StoredFile;
  readonly path: string;
}

/** A content of up to so many bytes is stored whole; no chunk that is written is longer. */
export const PIECE_BYTES = 4 * 1024 * 1024;
/** No chunk and no compressed blob of a valid store is longer, uncompressed. */
export const PIECE_BYTES_MAX = 16 * 1024 * 1024;

const ADDRESS = /^[0-9a-f]{64}$/;
const NAME = /^([0-9a-f]{64})(\.zst|\.json)?$/;
const FLAT_NAME = /^(blobs|chunks|lists)-(.+)$/;
const TRASH_ENDING = /\.[0-9a-f]{12}$/;

/** @throws {UsageError} `ADDRESS_INVALID` if a text is not a SHA-256 as the store writes it. */
export function requireAddress(address: string): void {
  if (ADDRESS.test(address)) return;
  throw new UsageError(`"${address}" is not the address of a content`, {
    code: 'ADDRESS_INVALID',
    remedy: 'give a SHA-256 as 64 lower-case hex digits',
  });
}

/** The file of an area that has this name, or null if none has: the inverse of {@link nameOf}. */
export function parseName(area: Area, name: string): StoredFile | null {
  const [, sha256, ending] = NAME.exec(name) ?? [];
  if (sha256 === undefined || (area === 'lists') !== (ending === '.json')) return null;
  return { area, sha256, isCompressed: ending === '.zst' };
}

/** The name of a file in its folder. */
export function nameOf({ area, sha256, isCompressed }: StoredFile): string {
  if (area === 'lists') return `${sha256}.json`;
  return isCompressed ? `${sha256}.zst` : sha256;
}

/** Name of a file in quarantine, and the begin of one in the trash, which have no folders. */
export function flatNameOf(file: StoredFile): string {
  return `${file.area}-${nameOf(file)}`;
}

/** The inverse of {@link flatNameOf}; null for any other name. */
export function parseFlatName(name: string): StoredFile | null {
  const [, area, rest] = FLAT_NAME.exec(name) ?? [];
  if (rest === undefined || (area !== 'blobs' && area !== 'chunks' && area !== 'lists'))
    return null;
  return parseName(area, rest);
}

/** The file that has this name, with or without the digits that each taking adds, in the trash; null for any other name. */
export function parseTrashName(name: string): StoredFile | null {
  return parseFlatName(name.replace(TRASH_ENDING, ''));
}

/** The paths of a store: the one place that knows them. */
export class Layout {
  /** What the user named; `v1` in it holds everything. */
  readonly folder: string;
  readonly root: string;
  readonly temporaries: string;
  readonly trash: string;
  readonly quarantine: string;
  readonly marks: string;

  constructor(folder: string) {
    this.folder = folder;
    this.root = join(folder, 'v1');
    this.temporaries = join(this.root, 'tmp');
    this.trash = join(this.root, 'trash');
    this.quarantine = join(this.root, 'quarantine');
    this.marks = join(this.root, 'marks.json');
  }

  area(area: Area): string {
    return join(this.root, area);
  }

  folderOf({ area, sha256 }: Pick<StoredFile, 'area' | 'sha256'>): string {
    return join(this.root, area, sha256.slice(0, 2));
  }

  pathOf(file: StoredFile): string {
    return join(this.folderOf(file), nameOf(file));
  }

  /** A file's path below the store's folder, with forward slashes on every system. */
  relativePathOf(file: StoredFile): string {
    return `v1/${file.area}/${file.sha256.slice(0, 2)}/${nameOf(file)}`;
  }
}
