import type { JsonValue } from '@pixelis/core';
import { z } from 'zod';
import { sha256Schema } from '../runs/event';
import { parseVersion } from './semantic-version';

const jsonSchema: z.ZodType<JsonValue> = z.json();

const versionSchema = z
  .string()
  .refine((text) => parseVersion(text) !== null && !text.startsWith('v'), 'must be a full version');

/** An alias that moves; from nowhere when it is new, to nowhere when it is removed. */
const moveSchema = z.strictObject({
  alias: z.string(),
  from: versionSchema.nullable(),
  to: versionSchema.nullable(),
});

export const runReferenceSchema = z.strictObject({ run_id: z.string(), run_uuid: z.string() });

export const artifactReferenceSchema = z.strictObject({
  name: z.string(),
  version: versionSchema,
  digest: sha256Schema,
});

const recordedVersionSchema = z.strictObject({
  version: versionSchema,
  type: z.string(),
  /** Address of the tree, which names the files. */
  digest: sha256Schema,
  bytes: z.int().min(0),
  file_count: z.int().min(1),
  description: z.string().nullable(),
  metadata: z.record(z.string(), jsonSchema),
  producer: runReferenceSchema.nullable(),
  parents: z.array(artifactReferenceSchema),
  is_external: z.boolean(),
  /** When it was made, where that is not the time of the entry: it was taken over from another store. */
  created_at: z.iso.datetime().exactOptional(),
});

const common = {
  entry_version: z.literal(1),
  name: z.string(),
  seq: z.int().min(1),
  time: z.iso.datetime(),
  /** SHA-256 of the bytes of the entry before; 64 zeros in the first. */
  previous: sha256Schema,
  moves: z.array(moveSchema),
};

/** A file of `artifacts/<name>/`. */
export const entrySchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('version'), version: recordedVersionSchema }),
  z.strictObject({
    ...common,
    kind: z.literal('alias'),
    change: z.enum(['set', 'moved', 'removed', 'rolled_back']),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('removed'),
    versions: z.array(versionSchema).min(1),
  }),
]);

export type StoredEntry = z.infer<typeof entrySchema>;
export type RecordedVersion = z.infer<typeof recordedVersionSchema>;

/** What a writer decides of an entry; its place in the history is found when it is written. */
export type EntryBody = StoredEntry extends infer Entry
  ? Entry extends StoredEntry
    ? Omit<Entry, 'entry_version' | 'name' | 'seq' | 'time' | 'previous'>
    : never
  : never;

/** A run, by the name of its folder and by the identifier that no other run anywhere has. */
export interface RunReference {
  readonly runId: string;
  /** UUID v7. */
  readonly runUuid: string;
}

/** A version of an artifact, with what it holds. */
export interface ArtifactReference {
  readonly name: string;
  /** In full, such as `2.0.0`. */
  readonly version: string;
  /** SHA-256 of the tree that names its files. */
  readonly digest: string;
}

/** How people and graphs name a version: `name:1.0.0`. */
export function artifactId({ name, version }: ArtifactReference): string {
  return `${name}:${version}`;
}

/** A file of an artifact. */
export interface ArtifactFile {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** A version of an artifact with all that is recorded of it. */
export interface ArtifactVersion extends ArtifactReference {
  /** `dataset`, `model`, `checkpoint`, `evaluation`, `metrics`, `experience_buffer`, or one's own. */
  readonly type: string;
  /** Of all files together. */
  readonly bytes: number;
  readonly fileCount: number;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** Those that name this version now. */
  readonly aliases: readonly string[];
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, JsonValue>>;
  /** The run that made it. */
  readonly producer: RunReference | null;
  /** What it was made from. */
  readonly parents: readonly ArtifactReference[];
  /** Whether it was imported from outside, so that its making is not recorded. */
  readonly isExternal: boolean;
}

/** An alias that moved; `from` is null if it was new, `to` if it was removed. */
export interface AliasMove {
  readonly alias: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** An entry in the history of an artifact. */
export interface HistoryEntry {
  /** From 1. */
  readonly seq: number;
  /** RFC 3339, UTC. */
  readonly time: string;
  /** New content; aliases that moved; versions whose content a retention policy gave up. */
  readonly kind: 'version' | 'alias' | 'removed';
  /** How aliases came to move in an entry of kind `alias`; null otherwise. */
  readonly change: 'set' | 'moved' | 'removed' | 'rolled_back' | null;
  readonly moves: readonly AliasMove[];
  /** The new version, or those that were removed; none in an entry of kind `alias`. */
  readonly versions: readonly string[];
}
