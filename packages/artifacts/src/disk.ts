import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { explainSystemError, isSystemError } from '@pixelis/core';

/** Runs a file operation; what the user can mend is thrown as a DataError that names `path`. */
export function onDisk<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw explainSystemError(error, path) ?? error;
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
export function flushFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** What stands below a folder that is neither folder nor file is of kind `other`: a symbolic link, a pipe. */
export interface FolderEntry {
  /** Relative to the folder, with forward slashes. */
  path: string;
  kind: 'file' | 'other';
}

/** Everything below a folder but folders, sorted by the code units of the paths. */
export function listBelow(folder: string, prefix = ''): FolderEntry[] {
  const entries = readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap(
    (entry): FolderEntry[] => {
      const path = `${prefix}${entry.name}`;
      if (entry.isDirectory()) return listBelow(folder, `${path}/`);
      return [{ path, kind: entry.isFile() ? 'file' : 'other' }];
    },
  );
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}
