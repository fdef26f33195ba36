import type { ArtifactFile } from '@pixelis/artifacts';
import { canonicalJson, type JsonValue, sha256 } from '@pixelis/core';
import { z } from 'zod';
import { DIFF_FILE, RELATIVE_PATH } from './member-path';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const size = z.int().min(0);
const time = z.iso.datetime();
const json: z.ZodType<JsonValue> = z.json();
const version = z.string().regex(/^(?:(?:0|[1-9]\d{0,8})\.){2}(?:0|[1-9]\d{0,8})$/);
const artifactReference = z.strictObject({ name: z.string(), version, digest: hash });
const runReference = z.strictObject({ run_id: z.string(), run_uuid: z.uuid() });

const artifactFact = z.strictObject({
  artifact: artifactReference,
  role: z.string().nullable(),
  time,
});

const memberSchema = z.strictObject({ path: z.string(), sha256: hash, bytes: size });

const runSchema = z.strictObject({
  ...runReference.shape,
  /** Whether the crate holds the folder of the run. */
  has_folder: z.boolean(),
  /** Files of the folder that are not in the crate. */
  left_out: z.array(z.literal(DIFF_FILE)),
  /** What the logs say of it; null or empty where they say nothing. */
  job: z.string().nullable(),
  name: z.string().nullable(),
  status: z.enum(['RUNNING', 'COMPLETED', 'FAILED']).nullable(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  started_at: time.nullable(),
  ended_at: time.nullable(),
  used: z.array(artifactFact),
  produced: z.array(artifactFact),
});

const artifactSchema = z
  .strictObject({
    ...artifactReference.shape,
    type: z.string(),
    created_at: time,
    description: z.string().nullable(),
    metadata: z.record(z.string(), json),
    producer: runReference.nullable(),
    parents: z.array(artifactReference),
    is_external: z.boolean(),
    aliases: z.array(z.string().regex(/^(?!v?\d+(?:\.\d+)*$)[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/i)),
    files: z
      .array(z.strictObject({ path: z.string().regex(RELATIVE_PATH), sha256: hash, bytes: size }))
      .min(1),
  })
  .refine(
    ({ digest, files }) => digest === treeDigest(files),
    'the digest is not that of the files',
  );

/** `pixelis-crate.json`, version 1. */
export const crateIndexSchema = z.strictObject({
  crate_version: z.literal(1),
  /** Every member but the index itself, by path. */
  members: z.array(memberSchema),
  runs: z.array(runSchema),
  /** In the order in which they were made. */
  artifacts: z.array(artifactSchema),
});

/** What a crate holds. */
export type CrateIndex = z.infer<typeof crateIndexSchema>;
export type CrateMember = z.infer<typeof memberSchema>;
export type CrateRun = z.infer<typeof runSchema>;
export type CrateArtifact = z.infer<typeof artifactSchema>;

/** The digest of a version: the hash of the tree that names its files. */
export function treeDigest(files: readonly ArtifactFile[]): string {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return sha256(
    canonicalJson({
      files: sorted.map(({ path, sha256, bytes }) => ({ path, sha256, bytes })),
      tree_version: 1,
    }),
  );
}
