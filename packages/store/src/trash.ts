import { randomBytes } from 'node:crypto';
import { link, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, renamePersistentlySync } from '@pixelis/core';
import { flushFolder, ifPresent, makeFolder, modifiedMs, namesIn } from './disk';
import {
  flatNameOf,
  type Layout,
  parseTrashName,
  type StoredFile,
  type StoredPlace,
} from './layout';

/**
 * Takes a file away from its place and into the trash, where readers find it still; null if somebody else did so before.
 */
export async function moveToTrash(layout: Layout, file: StoredFile): Promise<StoredPlace | null> {
  await makeFolder(layout.trash);
  // Of its own, so that whoever removes it removes what it has looked at, whatever others have taken since.
  const path = join(layout.trash, `${flatNameOf(file)}.${randomBytes(6).toString('hex')}`);
  return moved(layout.pathOf(file), path) ? { file, path } : null;
}

/** Puts a file back to its place, unless it was written anew there. */
export async function putBack(layout: Layout, { file, path }: StoredPlace): Promise<void> {
  const target = layout.pathOf(file);
  if (!(await isLinked(path, target)) && (await modifiedMs(target)) === null) moved(path, target);
  await rm(path, { force: true });
  await flushFolder(layout.folderOf(file));
}

/** Puts back what whoever was killed had taken. What others are at work on goes back with it, which they see. */
export async function settleTrash(layout: Layout): Promise<void> {
  for (const trashed of await trashedFiles(layout)) await putBack(layout, trashed);
}

/** All that lies in the trash of a store; what does not belong there is passed over. */
export async function trashedFiles(layout: Layout): Promise<readonly StoredPlace[]> {
  return (await namesIn(layout.trash)).flatMap((name) => {
    const file = parseTrashName(name);
    return file === null ? [] : [{ file, path: join(layout.trash, name) }];
  });
}

/** Whether `to` is there now. A link never replaces what a writer has just put, as a rename would. */
async function isLinked(from: string, to: string): Promise<boolean> {
  try {
    return (await ifPresent(link(from, to))) !== null;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    // Any other failure: a file system without hard links.
    return error.code === 'EEXIST';
  }
}

/** Renames a file; false if it is not there. */
function moved(from: string, to: string): boolean {
  try {
    renamePersistentlySync(from, to);
    return true;
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return false;
    throw error;
  }
}
