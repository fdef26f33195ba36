import { randomBytes } from 'node:crypto';
import { readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  DataError,
  explainSystemError,
  isSystemError,
  makeFolderSync,
  UsageError,
} from '@pixelis/core';
import type { ContentStore } from '@pixelis/store';
import type { ArtifactFile } from './history-entry';
import { inParallel } from './in-parallel';

/**
 * Writes files into a new folder, all of them, verified, or none: the folder appears when it is whole.
 *
 * @throws {UsageError} `FOLDER_TAKEN` if something stands there other than an empty folder.
 * @throws {IntegrityError} `CONTENT_MISSING` or `CONTENT_DAMAGED` if the store cannot give a content.
 * @throws {DataError} `PATH_COLLISION` if the file system takes two paths for one, or if the folder cannot be written.
 */
export async function getFiles(
  store: ContentStore,
  files: readonly ArtifactFile[],
  folder: string,
): Promise<void> {
  const target = resolve(folder);
  const temporary = join(
    dirname(target),
    `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`,
  );
  try {
    await checkFree(target);
    await inParallel(files, async (file) => {
      const path = join(temporary, ...file.path.split('/'));
      makeFolderSync(dirname(path));
      await store.getFile(file.sha256, path);
    });
    await checkApart(temporary, files);
    await rmdir(target).catch(ignoreMissing);
    await rename(temporary, target);
  } catch (error) {
    throw explainSystemError(error, { action: 'write', path: target }) ?? error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Some file systems take names for one that differ only in case, or in the form of an accent. */
async function checkApart(folder: string, files: readonly ArtifactFile[]): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  if (entries.filter((entry) => entry.isFile()).length === files.length) return;
  throw new DataError(`${dirname(folder)} takes different files of the artifact for one`, {
    code: 'PATH_COLLISION',
    remedy:
      'Get it on a file system that tells names apart by case, or put it again with other names.',
  });
}

async function checkFree(folder: string): Promise<void> {
  const names = await readdir(folder).catch(ignoreMissing);
  if (names === undefined || names.length === 0) return;
  throw new UsageError(`${folder} is not empty`, {
    code: 'FOLDER_TAKEN',
    remedy: 'Choose a folder that does not exist yet, or an empty one.',
  });
}

function ignoreMissing(error: unknown): undefined {
  if (isSystemError(error) && error.code === 'ENOENT') return undefined;
  throw error;
}
