import { existsSync, mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSystemError } from '@pixelis/core';

/** What systems say that cannot flush a folder: Windows, and some network file systems. */
const UNFLUSHABLE = new Set(['EPERM', 'EACCES', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EBADF']);

/** Returns when the names in a folder are on the disk itself, where the system can tell. */
export async function flushNames(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (!isSystemError(error) || !UNFLUSHABLE.has(error.code)) throw error;
  }
}

/** Makes a folder and those above it that are missing; returns when they are on the disk itself. */
export async function makeDurableFolder(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  await makeDurableFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have been faster; what it made is flushed all the same.
    if (!isSystemError(error) || error.code !== 'EEXIST') throw error;
  }
  await flushNames(dirname(folder));
}
