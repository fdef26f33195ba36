import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { acquireFileLock, explainSystemError, isSystemError } from '@pixelis/core';
import { flushNames, makeDurableFolder } from './durable-folder';

/** What a file system says that has no hard links. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL']);
const LOCK_WAIT_MS = 5;

/**
 * Creates a file that is never there in part: of any number of processes and machines that try at once, one succeeds.
 * Its folder is made if it is missing. Resolves when the file is on the disk itself.
 *
 * @returns Whether this call created it; false if something stands there.
 * @throws {DataError} If the folder is unwritable or the disk full; nothing is then left at `path`.
 */
export async function createFileOnce(path: string, text: string): Promise<boolean> {
  const folder = dirname(path);
  const temporary = join(folder, `.pixelis-${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
  try {
    await makeDurableFolder(folder);
    await writeDurably(temporary, text);
    const isCreated = await putInPlace(temporary, path);
    if (isCreated) await flushNames(folder);
    return isCreated;
  } catch (error) {
    throw explainSystemError(error, { action: 'write', path }) ?? error;
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function putInPlace(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    // A network file system may lose the answer and try again, so that its own link is in its way.
    if (error.code === 'EEXIST') return (await stat(temporary)).nlink > 1;
    if (!NO_LINKS.has(error.code)) throw error;
    return renameUnderLock(temporary, path);
  }
}

/** Where links are not supported, a lock stands in: whoever holds it finds the place free or gives up. */
async function renameUnderLock(temporary: string, path: string): Promise<boolean> {
  const lockPath = join(dirname(path), '.lock');
  let lock = acquireFileLock(lockPath);
  while (lock === undefined) {
    await wait(LOCK_WAIT_MS);
    lock = acquireFileLock(lockPath);
  }
  try {
    if (existsSync(path)) return false;
    await rename(temporary, path);
    return true;
  } finally {
    lock.release();
  }
}
