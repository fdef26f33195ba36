import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactManager, resolveRunId } from '@pixelis/artifacts';
import { UsageError } from '@pixelis/core';
import { type FileDigest, SIGNATURE_FILE } from '@pixelis/signing';

/** What is signed or verified. */
export interface SigningTarget {
  /** A folder, or the files of an artifact by their hashes. */
  readonly content: string | readonly FileDigest[];
  readonly name: string;
  /** Where the signature is unless one says otherwise. */
  readonly signatureFile: string;
  /** The run, if it is one. */
  readonly runId: string | null;
}

/**
 * Finds what a word names: a folder by its path, a run by its id (or `latest`), or a version of an artifact.
 *
 * @throws {UsageError} `SIGNING_TARGET_UNKNOWN` if it is none of these.
 */
export async function findTarget(root: string, word: string): Promise<SigningTarget> {
  const runId = runOf(root, word);
  if (runId !== null) {
    const folder = join(root, 'runs', runId);
    return { content: folder, name: runId, signatureFile: join(folder, SIGNATURE_FILE), runId };
  }
  if (existsSync(word))
    return { content: word, name: word, signatureFile: join(word, SIGNATURE_FILE), runId: null };
  const manager = ArtifactManager.open({ root });
  const [name = ''] = word.split(':');
  if (!manager.list().some((version) => version.name === name)) throw unknownError(word);
  const version = manager.resolve(word);
  const files = await manager.files(version);
  return {
    content: files.map(({ path, sha256 }) => ({ name: path, sha256 })),
    name: version.name,
    signatureFile: `${version.name}-${version.version}.sig`,
    runId: null,
  };
}

function runOf(root: string, word: string): string | null {
  try {
    return resolveRunId(root, word);
  } catch (error) {
    if (error instanceof UsageError && error.code !== 'RUN_AMBIGUOUS') return null;
    throw error;
  }
}

function unknownError(word: string): UsageError {
  return new UsageError(`"${word}" is neither a run nor a folder nor an artifact`, {
    code: 'SIGNING_TARGET_UNKNOWN',
    remedy: 'pixelis runs list and pixelis artifacts list show what there is.',
  });
}
