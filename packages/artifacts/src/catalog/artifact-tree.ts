import { canonicalJson, IntegrityError } from '@pixelis/core';
import { z } from 'zod';
import { sha256Schema } from '../runs/event';
import { RELATIVE_PATH } from '../runs/relative-path';
import type { ArtifactFile } from './history-entry';

const treeSchema = z.strictObject({
  files: z
    .array(
      z.strictObject({
        bytes: z.int().min(0),
        path: z.string().regex(RELATIVE_PATH),
        sha256: sha256Schema,
      }),
    )
    .min(1)
    .refine(isSorted, 'paths must be sorted, each once'),
  tree_version: z.literal(1),
});

/** The content that names the files of an artifact; its SHA-256 is the digest of the version. */
export function treeText(files: readonly ArtifactFile[]): string {
  const sorted = files
    .map(({ path, sha256, bytes }) => ({ path, sha256, bytes }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return canonicalJson({ files: sorted, tree_version: 1 });
}

/** Reads a tree. @throws {IntegrityError} `ARTIFACT_TREE_BROKEN` if it is not one. */
export function parseTree(digest: string, bytes: Uint8Array): readonly ArtifactFile[] {
  try {
    return treeSchema.parse(JSON.parse(new TextDecoder().decode(bytes))).files;
  } catch (cause) {
    throw new IntegrityError(`content ${digest} does not name the files of an artifact`, {
      code: 'ARTIFACT_TREE_BROKEN',
      remedy: 'Verify the store to see which artifacts are hurt, and put them again.',
      cause,
    });
  }
}

function isSorted(files: readonly { path: string }[]): boolean {
  return files.every(({ path }, index) => {
    const before = files[index - 1];
    return before === undefined || before.path < path;
  });
}
