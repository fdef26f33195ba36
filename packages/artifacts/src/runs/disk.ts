import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { explainSystemError, isSystemError } from '@pixelis/core';

/** Runs a file operation; what the user can mend is thrown as a DataError that names `path`. */
export function onDisk<T>(path: string, operation: () => T): T {
  try {
    return operation();
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
export function flushFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** What stands below a folder; what is neither folder nor file, such as a symbolic link, is of kind `other`. */
export interface FolderEntry {
  /** Relative to the folder, with forward slashes. */
  path: string;
  kind: 'file' | 'folder' | 'other';
}

/** Everything below a folder, sorted by the code units of the paths. Symbolic links are not followed. */
export function listBelow(folder: string): FolderEntry[] {
  return entriesBelow(folder, '').sort((a, b) => (a.path < b.path ? -1 : 1));
}

function entriesBelow(folder: string, prefix: string): FolderEntry[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory()) return [{ path, kind: 'folder' }, ...entriesBelow(folder, `${path}/`)];
    return [{ path, kind: entry.isFile() ? 'file' : 'other' }];
  });
}
