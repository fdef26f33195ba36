import type { JsonValue } from '@pixelis/core';

/** A file of an artifact; `path` is relative to the artifact, with forward slashes. */
export interface LineageFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** A version of an artifact: a data set, a model, a checkpoint, an evaluation or another thing that runs use and make. */
export interface ArtifactNode {
  readonly kind: 'artifact';
  /** `name:version`, such as `sft-model:1.0.0`. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** `dataset`, `model`, `checkpoint`, `evaluation`, `metrics`, `experience_buffer` or an own one. */
  readonly type: string;
  /** SHA-256 of the content, 64 lower-case hex digits. */
  readonly digest: string;
  readonly bytes: number;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** Imported from outside, so that nothing here produced it. */
  readonly isExternal: boolean;
  readonly aliases: readonly string[];
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, JsonValue>>;
  readonly files: readonly LineageFile[];
}

/** What a run is at. */
export type RunStatus = 'RUNNING' | 'COMPLETED' | 'FAILED';

/** The code that a run was started from, as its manifest names it. */
export interface RunGitState {
  readonly commit: string | null;
  readonly remote: string | null;
  readonly is_dirty: boolean | null;
}

/** A run of a job, such as a training or an evaluation. */
export interface RunNode {
  readonly kind: 'run';
  /** The run's UUID. */
  readonly id: string;
  /** The name of its folder, such as `20260102T030405-abcdef`. */
  readonly runId: string;
  /** What ran, such as `train:sft`. */
  readonly job: string;
  readonly name: string | null;
  readonly status: RunStatus;
  /** RFC 3339, UTC; null where it is not known. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly seed: number | null;
  readonly params: Readonly<Record<string, JsonValue>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly git: RunGitState | null;
  /** The version of Node.js, such as `v20.20.2`. */
  readonly node: string | null;
  /** Name → version. */
  readonly packages: Readonly<Record<string, string>>;
  /** The lock file that the packages came from, as the manifest's `env_lock`. */
  readonly lockFile?: { readonly name: string; readonly sha256: string } | null;
}

export type LineageNode = ArtifactNode | RunNode;

/**
 * Data flows from → to: `used` leads from an artifact to a run, `produced` from a run to an artifact, `derived` from a
 * parent artifact to a child.
 */
export interface LineageEdge {
  readonly kind: 'used' | 'produced' | 'derived';
  readonly from: string;
  readonly to: string;
  /** Digest of the artifact (of a `derived` edge: of the parent) as it was when the edge was recorded; null if unknown. */
  readonly digest: string | null;
  /** What the artifact was to the run, such as `train_data`. */
  readonly role: string | null;
}
