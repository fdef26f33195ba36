import type { JsonValue } from '@pixelis/core';
import type { ArtifactReference, ArtifactVersion, RunReference } from './history-entry';
import type { RecordedStatus } from './run-facts';
import type { VersionBump } from './semantic-version';

/** Options of `ArtifactManager.open`. */
export interface OpenArtifactsOptions {
  /** The output folder; the store is `<root>/store`. @default 'out' */
  root?: string;
  /** The rank of this process in its job; see `ArtifactManager`. @default RANK, OMPI_COMM_WORLD_RANK, PMI_RANK or SLURM_PROCID, else 0 */
  rank?: number;
  /** The clock. @default () => new Date() */
  now?: () => Date;
  /** Where copies of files lie that were asked for by path. @default '<root>/cache/artifacts' */
  cacheFolder?: string;
  /** Size in bytes from which the cache gives up copies that were not used lately. @default 20 GiB */
  cacheBytesMax?: number;
}

/** Options of `ArtifactManager.put`. */
export interface PutArtifactOptions {
  /** @default what the artifact is already, or what its name says, or `other` */
  type?: string;
  /** Which part of the version new content raises. @default 'major' */
  bump?: VersionBump;
  /** The version to give, such as `1.2.0` or `v2`. @default the next */
  version?: string;
  /** Aliases to move to it besides `latest`. @default none */
  aliases?: readonly string[];
  /** @default {} */
  metadata?: Readonly<Record<string, JsonValue>>;
  /** @default none */
  description?: string;
  /** The run that made it. @default none */
  run?: RunReference;
  /** What it was made from. @default what `run` used so far */
  parents?: readonly ArtifactReference[];
  /** Whether it comes from outside, so that nothing here made it. @default false */
  isExternal?: boolean;
  /** When it happened, RFC 3339 in UTC, for what is taken over from another store. @default now */
  time?: string;
}

/** Options of `ArtifactManager.use`. */
export interface UseArtifactOptions {
  /** The run that uses it; without one nothing is recorded. @default none */
  run?: RunReference;
  /** What it is to the run, such as `train_data`. @default none */
  role?: string;
  /** When it happened, RFC 3339 in UTC, for what is taken over from another store. @default now */
  time?: string;
}

/** Which versions `ArtifactManager.list` gives. */
export interface ListArtifactsFilter {
  type?: string;
  /** `*` stands for any characters, `?` for one. */
  name?: string;
}

/** What `ArtifactManager.recordRun` records. */
export interface RunStatusFact {
  run: RunReference;
  /** What kind of work it is, such as `train:sft`. */
  job: string;
  status: RecordedStatus;
  /** What people call it. @default none, or what was recorded before */
  name?: string | null;
  /** Why it failed. @default none */
  error?: { code: string; message: string } | null;
  /** When it happened, RFC 3339 in UTC, for what is taken over from another store. @default now */
  time?: string;
}

/** What `ArtifactManager.put` gives. */
export interface PutArtifact extends ArtifactVersion {
  /** False if a version had this content already. */
  readonly isNew: boolean;
}
