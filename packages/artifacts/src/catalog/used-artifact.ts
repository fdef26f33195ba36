import { nearestName, UsageError } from '@pixelis/core';
import type { ContentStore } from '@pixelis/store';
import type { ArtifactCache } from './artifact-cache';
import type { ArtifactFile, ArtifactVersion } from './history-entry';

/** A version of an artifact in use: nothing of it is read until it is asked for. */
export interface UsedArtifact extends ArtifactVersion {
  /** What it holds. @throws {IntegrityError} if the store cannot tell. */
  files(): Promise<readonly ArtifactFile[]>;
  /** The bytes of a file, verified. @throws {UsageError} `ARTIFACT_FILE_UNKNOWN` */
  readBytes(path: string): Promise<Uint8Array>;
  /**
   * A verified, read-only copy of a file in the cache, for programs that want a path.
   *
   * @throws {UsageError} `ARTIFACT_FILE_UNKNOWN`
   */
  file(path: string): Promise<string>;
}

/** Where a used artifact gets its content from. */
export interface ContentAccess {
  readonly store: ContentStore;
  readonly cache: ArtifactCache;
  readonly files: () => Promise<readonly ArtifactFile[]>;
}

/** Adds the ways to a version's content. */
export function usedArtifact(version: ArtifactVersion, access: ContentAccess): UsedArtifact {
  const { store, cache } = access;
  let known: ReadonlyMap<string, ArtifactFile> | null = null;
  async function filesByPath(): Promise<ReadonlyMap<string, ArtifactFile>> {
    known ??= new Map((await access.files()).map((file) => [file.path, file]));
    return known;
  }
  async function find(path: string): Promise<ArtifactFile> {
    const files = await filesByPath();
    const file = files.get(path);
    if (file === undefined) throw unknownFileError(version, path, [...files.keys()]);
    return file;
  }
  return {
    ...version,
    files: async () => [...(await filesByPath()).values()],
    readBytes: async (path) => store.readBytes((await find(path)).sha256),
    file: async (path) => cache.file(await find(path)),
  };
}

function unknownFileError(
  { name, version }: ArtifactVersion,
  path: string,
  paths: readonly string[],
): UsageError {
  const nearest = nearestName(path, paths);
  return new UsageError(`${name}:${version} has no file ${JSON.stringify(path)}`, {
    code: 'ARTIFACT_FILE_UNKNOWN',
    remedy:
      nearest === undefined
        ? `It has ${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ' and others' : ''}.`
        : `Did you mean ${nearest}?`,
  });
}
