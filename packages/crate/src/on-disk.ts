import { type Dirent, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { explainSystemError, isSystemError } from '@pixelis/core';

/** Runs a file operation; what the user can mend is thrown as a DataError that names `path`. */
export async function onDisk<T>(path: string, operation: () => T | Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw explainSystemError(error, { path }) ?? error;
  }
}

/** Runs a file operation; null if what it needs is not there. */
export function ifPresent<T>(operation: () => T): T | null {
  try {
    return operation();
  } catch (error) {
    if (isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    throw error;
  }
}

/** Returns when the names in a folder are on the disk itself, where the system can tell (not on Windows). */
export async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

/** Everything below a folder but the folders, by path with forward slashes. Symbolic links are not followed. */
export function entriesBelow(folder: string, prefix = ''): { path: string; entry: Dirent }[] {
  return readdirSync(`${folder}/${prefix}`, { withFileTypes: true }).flatMap((entry) => {
    const path = `${prefix}${entry.name}`;
    return entry.isDirectory() ? entriesBelow(folder, `${path}/`) : [{ path, entry }];
  });
}
