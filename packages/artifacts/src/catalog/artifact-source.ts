import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { explainSystemError, UsageError } from '@pixelis/core';
import type { ContentStore } from '@pixelis/store';
import { listBelow } from '../runs/disk';
import { RELATIVE_PATH } from '../runs/relative-path';
import type { ArtifactFile } from './history-entry';
import { inParallel } from './in-parallel';

/** What Linux, macOS and Windows hold as the name of a file or folder. */
const SEGMENT_BYTES_MAX = 255;

/** What one file of an artifact is made from: bytes, or a file on the disk. */
export type ArtifactContent = Uint8Array | { readonly file: string };

/** The path of a file or a folder on the disk, or the files of the artifact: path in it → content. */
export type ArtifactSource = string | Readonly<Record<string, ArtifactContent>>;

/**
 * Stores the content of every file of a source and tells what they are. A folder gives all files below it.
 *
 * @throws {UsageError} `ARTIFACT_EMPTY` without any file; `ARTIFACT_PATH_INVALID` for a path that does not stay in the
 * artifact on every system; `ARTIFACT_SOURCE_UNSUPPORTED` for a symbolic link, a socket and the like.
 * @throws {DataError} if a file cannot be read, or the store cannot be written.
 */
export async function storeSource(
  store: ContentStore,
  source: ArtifactSource,
): Promise<ArtifactFile[]> {
  const contents = typeof source === 'string' ? contentsOfPath(source) : Object.entries(source);
  checkPaths(contents.map(([path]) => path));
  return inParallel(contents, async ([path, content]) => {
    const { sha256, bytes } =
      content instanceof Uint8Array ? await store.put(content) : await store.putFile(content.file);
    return { path, sha256, bytes };
  });
}

function contentsOfPath(path: string): [string, ArtifactContent][] {
  try {
    if (!statSync(path).isDirectory()) return [[basename(path), { file: path }]];
    return listBelow(path)
      .filter(({ kind }) => kind !== 'folder')
      .map((entry) => {
        if (entry.kind === 'other') throw unsupportedError(join(path, entry.path));
        return [entry.path, { file: join(path, entry.path) }];
      });
  } catch (error) {
    throw explainSystemError(error, { action: 'read', path }) ?? error;
  }
}

function checkPaths(paths: readonly string[]): void {
  if (paths.length === 0) {
    throw new UsageError('there is no file to put', {
      code: 'ARTIFACT_EMPTY',
      remedy: 'Name a file, or a folder with at least one file in it.',
    });
  }
  const known = new Set(paths);
  for (const path of paths) {
    if (!RELATIVE_PATH.test(path) || !isNameable(path)) throw invalidPathError(path);
    for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
      if (known.has(path.slice(0, end))) throw invalidPathError(path);
    }
  }
}

/** Whether a file system can hold each part: what could be put, but never be got again, must not be put. */
function isNameable(path: string): boolean {
  if (!path.isWellFormed()) return false;
  return path.split('/').every((segment) => Buffer.byteLength(segment) <= SEGMENT_BYTES_MAX);
}

function invalidPathError(path: string): UsageError {
  return new UsageError(`${JSON.stringify(path)} cannot be the path of a file in an artifact`, {
    code: 'ARTIFACT_PATH_INVALID',
    remedy:
      'Use a relative path with forward slashes, without "..", ":" or control characters, of names of up to 255 bytes, below no other file.',
  });
}

function unsupportedError(path: string): UsageError {
  return new UsageError(`${path} is neither a file nor a folder`, {
    code: 'ARTIFACT_SOURCE_UNSUPPORTED',
    remedy: 'Put a real file in its place: an artifact holds content, no links.',
  });
}
