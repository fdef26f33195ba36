import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isSystemError } from './system-error';

/**
 * Makes a folder and those above it that are missing. Node's own recursive `mkdir` never returns where a folder is there but
 * lets none be made in it with ENOENT, as `/proc` does.
 *
 * @returns The topmost folder that was made; undefined if none was.
 * @throws The system's error if it cannot.
 */
export function makeFolderSync(folder: string): string | undefined {
  if (isFolder(folder)) return undefined;
  const above = dirname(folder);
  const made = above === folder ? undefined : makeFolderSync(above);
  try {
    mkdirSync(folder);
    return made ?? folder;
  } catch (error) {
    // Another process may have been faster.
    if (!isSystemError(error) || error.code !== 'EEXIST' || !isFolder(folder)) throw error;
    return made;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
