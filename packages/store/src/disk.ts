import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { explainSystemError, isSystemError } from '@pixelis/core';

const ABSENT = new Set(['ENOENT', 'ENOTDIR']);
const UNFLUSHABLE = new Set(['EPERM', 'EACCES', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EBADF']);

/** The outcome of a file operation; null if what it needs is not there. */
export async function ifPresent<T>(operation: Promise<T>): Promise<T | null> {
  try {
    return await operation;
  } catch (error) {
    if (isSystemError(error) && ABSENT.has(error.code)) return null;
    throw error;
  }
}

/** The names in a folder, sorted; none if it is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  return ((await ifPresent(readdir(folder))) ?? []).sort();
}

/** What collectors compare: whole milliseconds, which every file system and every copy of a folder keeps. */
export async function modifiedMs(path: string): Promise<{ mtimeMs: number; bytes: number } | null> {
  const found = await ifPresent(stat(path));
  return found === null ? null : { mtimeMs: Math.round(found.mtimeMs), bytes: found.size };
}

/** Makes a folder and those above it that are missing. Node's own recursive `mkdir` can hang where none can be made. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === 'EEXIST') return;
    if (error.code !== 'ENOENT' || dirname(folder) === folder) throw error;
    await makeFolder(dirname(folder));
    await ifExisting(mkdir(folder));
  }
}

async function ifExisting(operation: Promise<unknown>): Promise<void> {
  try {
    await operation;
  } catch (error) {
    // Another process may have been faster.
    if (!isSystemError(error) || error.code !== 'EEXIST') throw error;
  }
}

/** Returns when the names in a folder are on the disk itself, where the system can tell (not on Windows). */
export async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (!isSystemError(error) || !UNFLUSHABLE.has(error.code)) throw error;
  }
}

/** A path for a temporary file in a folder, of the form that `removeStaleTemporaries` of core knows. */
export function temporaryIn(folder: string): string {
  return join(folder, `.pixelis-${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
}

/** Removes a file whose writing failed; the error that brought us here is the one to report. */
export async function removeQuietly(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

/** Writes bytes at the end of what a file holds; the system may take fewer than it is given. */
export async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.byteLength;) {
    offset += (await file.write(bytes, offset, bytes.byteLength - offset)).bytesWritten;
  }
}

/** How much may be written before the disk is told to begin, if all of it is to be flushed at last. */
const FLUSH_BYTES = 64 * 1024 * 1024;
/** How many slices may wait to be written; see `fileSlices` for how long a slice is valid. */
const WRITES_IN_FLIGHT = 2;

/** Where {@link writeSlices} writes. */
export interface SliceTarget {
  readonly handle: FileHandle;
  /** For messages. */
  readonly path: string;
  /** Whether the caller will flush the file, so that the disk may as well begin early. @default false */
  readonly isFlushedLater?: boolean;
}

/**
 * Writes slices to a file as they come, which goes on while the next ones are made.
 *
 * @throws {DataError} If the disk is full; what the slices throw, as it is.
 */
export async function writeSlices(
  { handle, path, isFlushedLater = false }: SliceTarget,
  slices: AsyncIterable<Uint8Array>,
): Promise<void> {
  const writes: Promise<void>[] = [];
  let flush: Promise<void> = Promise.resolve();
  let unflushedBytes = 0;
  try {
    for await (const slice of slices) {
      const last = writes.at(-1) ?? Promise.resolve();
      writes.push(handled(last.then(() => writeAll(handle, slice))));
      if (writes.length >= WRITES_IN_FLIGHT) await explained(path, writes.shift());
      unflushedBytes += slice.byteLength;
      if (!isFlushedLater || unflushedBytes < FLUSH_BYTES) continue;
      unflushedBytes = 0;
      // A fault of the disk is told once only, so each flush is waited for.
      flush = handled(flush.then(() => handle.datasync()));
    }
    await explained(path, Promise.all([...writes, flush]));
  } finally {
    await Promise.allSettled([...writes, flush]);
  }
}

/** A promise that somebody will wait for; until then its failure is not unhandled. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

async function explained(path: string, write: Promise<unknown> | undefined): Promise<void> {
  try {
    await write;
  } catch (error) {
    throw explainSystemError(error, { action: 'write', path }) ?? error;
  }
}

/** Fills as much of `target` as a file still holds; returns how many bytes that is. */
export async function readFully(file: FileHandle, target: Uint8Array): Promise<number> {
  let filled = 0;
  while (filled < target.byteLength) {
    const { bytesRead } = await file.read(target, filled, target.byteLength - filled, null);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
