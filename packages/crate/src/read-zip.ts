import type { Readable } from 'node:stream';
import { explainSystemError, UsageError } from '@pixelis/core';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { damaged, unreadable, unsafe } from './crate-error';
import { collisionKey, foldersAbove, placeOf } from './member-path';

/** More members than any experiment has; their names alone would fill the memory. */
const MEMBERS_MAX = 1_000_000;
/** A crate may unpack to this many times its size, or to `SMALL_BYTES`: deflate shrinks logs about tenfold. */
const EXPANSION_MAX = 100;
const SMALL_BYTES = 64 << 20;

const STORED = 0;
const DEFLATED = 8;
const UNIX_TYPE_MASK = 0xf000;
const UNIX_FILE = 0x8000;
const DOS_FOLDER = 0x10;

/** A zip whose list of members is safe: each is a plain file in a place that members have, and it is there once. */
export interface OpenedZip {
  readonly file: string;
  /** Length of each member by its name, as the zip declares it. */
  readonly sizes: ReadonlyMap<string, number>;
  /** A member's bytes; they end with an error if they are not as many as declared. */
  read(member: string): Promise<Readable>;
  close(): void;
}

/**
 * Opens a zip and looks at what it says of its members. Nothing is unpacked.
 *
 * @throws {DataError} `CRATE_UNREADABLE`, `CRATE_UNSAFE`, or one that says why the file cannot be opened.
 */
export async function openZip(file: string): Promise<OpenedZip> {
  const zip = await openPromise(file, { autoClose: false, decodeStrings: false }).catch(
    (cause: unknown) => {
      throw explainSystemError(cause, { action: 'open', path: file }) ?? unreadableBy(file, cause);
    },
  );
  try {
    const entries = await listEntries(file, zip);
    return {
      file,
      sizes: new Map([...entries].map(([name, entry]) => [name, entry.uncompressedSize])),
      read: (member) => readEntry({ file, zip, member, entry: entries.get(member) }),
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function listEntries(file: string, zip: ZipFile): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > MEMBERS_MAX) throw unsafe(file, `it claims ${zip.entryCount} members`);
  const entries = new Map<string, Entry>();
  const keys = new Set<string>();
  let [packed, unpacked] = [0, 0];
  for await (const entry of entriesOf(file, zip)) {
    const name = checkEntry(file, entry);
    const key = collisionKey(name);
    if (keys.has(key)) throw unsafe(file, `${quote(name)} is there twice, or differs in case only`);
    keys.add(key);
    entries.set(name, entry);
    packed += entry.compressedSize;
    unpacked += entry.uncompressedSize;
  }
  for (const name of entries.keys()) {
    const folder = foldersAbove(collisionKey(name)).find((above) => keys.has(above));
    if (folder !== undefined) throw unsafe(file, `${quote(folder)} is both a file and a folder`);
  }
  if (packed > zip.fileSize) throw unsafe(file, 'its members overlap');
  if (unpacked > Math.max(SMALL_BYTES, EXPANSION_MAX * zip.fileSize))
    throw unsafe(file, `${zip.fileSize} bytes would unpack to ${unpacked}`);
  return entries;
}

async function* entriesOf(file: string, zip: ZipFile): AsyncGenerator<Entry> {
  try {
    for await (const entry of zip.eachEntry()) yield entry;
  } catch (cause) {
    throw explainSystemError(cause, { action: 'read', path: file }) ?? unreadableBy(file, cause);
  }
}

function checkEntry(file: string, entry: Entry): string {
  const name = decode(entry.fileNameRaw);
  if (name === null || placeOf(name) === null)
    throw unsafe(file, `${quote(name ?? entry.fileNameRaw.toString('latin1'))} is no place of a crate`); // prettier-ignore
  const unixType = (entry.externalFileAttributes >>> 16) & UNIX_TYPE_MASK;
  const isFolder = (entry.externalFileAttributes & DOS_FOLDER) !== 0;
  if ((unixType !== 0 && unixType !== UNIX_FILE) || isFolder)
    throw unsafe(file, `${quote(name)} is a link or another thing that is no file`);
  if (entry.isEncrypted()) throw unsafe(file, `${quote(name)} is encrypted`);
  const { compressionMethod: method } = entry;
  if (method !== STORED && method !== DEFLATED)
    throw unsafe(file, `${quote(name)} is compressed in a way that crates are not (${method})`);
  return name;
}

interface EntryToRead {
  file: string;
  zip: ZipFile;
  member: string;
  entry: Entry | undefined;
}

async function readEntry({ file, zip, member, entry }: EntryToRead): Promise<Readable> {
  if (entry === undefined)
    throw new UsageError(`${file} has no ${member}`, {
      code: 'CRATE_MEMBER_UNKNOWN',
      remedy: 'Name a member of the file.',
    });
  try {
    return await zip.openReadStreamPromise(entry);
  } catch (cause) {
    const reason = `${quote(member)} cannot be read`;
    throw explainSystemError(cause, { path: file }) ?? damaged(file, reason, cause);
  }
}

function decode(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function unreadableBy(file: string, cause: unknown): Error {
  return unreadable(file, cause instanceof Error ? cause.message : 'it cannot be opened', cause);
}

/** Names come from strangers: no control characters in messages, and not too long. */
function quote(name: string): string {
  const text = JSON.stringify(name);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
