import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { bytesOf } from './bytes';
import { explainSystemError, isSystemError } from './system-error';

/** Waits between attempts to rename, while a virus scanner or an indexer of Windows holds the file. */
const RENAME_WAITS_MS = [5, 10, 20, 40, 80, 160, 320];
const BUSY = new Set(['EPERM', 'EBUSY', 'EACCES']);
const UNFLUSHABLE = new Set(['EPERM', 'EACCES', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EBADF']);

const TEMPORARY_NAME = /^\.pixelis-\d+-[0-9a-f]{12}\.tmp$/;

/** Which files {@link removeStaleTemporaries} takes. */
export interface RemoveStaleTemporariesOptions {
  /**
   * Age in milliseconds from which no writer can still be at work. Default: 3,600,000, an hour. Who knows that nobody
   * else writes to the folder, as the holder of its lock does, may give 0.
   */
  olderThanMs?: number;
}

/**
 * Writes a file so that whoever reads it, whenever the writer or the machine dies, finds the old content or the new,
 * whole. The bytes go to a temporary file in the same folder (which must exist), are flushed to the disk and renamed
 * into place. A text is written as UTF-8, a typed array as its bytes.
 *
 * @throws {DataError} If the folder is missing or unwritable or the disk is full; the old content is untouched.
 */
export async function writeFileAtomic(
  path: string,
  content: string | ArrayBufferView,
): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    await writeDurably(temporary, bytesOf(content));
    await renameOver(temporary, path);
    await flushFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw explainSystemError(error, { action: 'write', path }) ?? error;
  }
}

/** {@link writeFileAtomic} for callers that cannot wait. */
export function writeFileAtomicSync(path: string, content: string | ArrayBufferView): void {
  const temporary = temporaryBeside(path);
  try {
    writeDurablySync(temporary, bytesOf(content));
    renamePersistentlySync(temporary, path);
    flushFolderSync(dirname(path));
  } catch (error) {
    removeQuietly(temporary);
    throw explainSystemError(error, { action: 'write', path }) ?? error;
  }
}

/** A name beside a file that nobody else takes, and that {@link removeStaleTemporaries} knows. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.pixelis-${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await writeAll(file, bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The system may take fewer bytes than it is given. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.byteLength;) {
    const { bytesWritten } = await file.write(bytes, offset, bytes.byteLength - offset);
    offset += bytesWritten;
  }
}

function writeDurablySync(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'wx');
  try {
    for (let offset = 0; offset < bytes.byteLength;) {
      offset += writeSync(file, bytes, offset, bytes.byteLength - offset);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

async function renameOver(from: string, to: string): Promise<void> {
  for (const waitMs of RENAME_WAITS_MS) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      if (!isBusy(error)) throw error;
      await wait(waitMs);
    }
  }
  await rename(from, to);
}

/**
 * Renames as `renameSync` does, and tries again for up to 0.6 seconds while another program of Windows, such as a virus
 * scanner, holds what is renamed.
 *
 * @throws The file system's error.
 */
export function renamePersistentlySync(from: string, to: string): void {
  for (const waitMs of RENAME_WAITS_MS) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      if (!isBusy(error)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs);
    }
  }
  renameSync(from, to);
}

function isBusy(error: unknown): boolean {
  return process.platform === 'win32' && isSystemError(error) && BUSY.has(error.code);
}

/** The new name itself survives a power cut only once its folder is flushed. */
async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (!isUnflushable(error)) throw error;
  }
}

function flushFolderSync(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if (!isUnflushable(error)) throw error;
  }
}

/** Windows, some network file systems, and folders that one may write but not read. */
function isUnflushable(error: unknown): boolean {
  return isSystemError(error) && UNFLUSHABLE.has(error.code);
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The error that brought us here is the one to report.
  }
}

/**
 * Removes the temporary files that writers left in a folder when they were killed, and returns their names.
 *
 * @throws {DataError} If the folder cannot be read or changed.
 */
export function removeStaleTemporaries(
  folder: string,
  { olderThanMs = 3_600_000 }: RemoveStaleTemporariesOptions = {},
): string[] {
  try {
    const names = readdirSync(folder).filter((name) => TEMPORARY_NAME.test(name));
    return names.filter((name) => {
      const path = join(folder, name);
      const modifiedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
      if (Date.now() - modifiedMs < olderThanMs) return false;
      rmSync(path, { force: true });
      return true;
    });
  } catch (error) {
    throw explainSystemError(error) ?? error;
  }
}
