import { statSync } from 'node:fs';
import { join } from 'node:path';
import { IntegrityError, type JsonValue } from '@pixelis/core';
import { ifPresent, listBelow } from './disk';
import { isJsonObject, type JsonObject } from './json-object';
import { type LastMetric, readLastMetrics } from './last-metrics';
import { readManifestLeniently } from './read-manifest';
import { resolveRunId } from './resolve-run-id';
import { flattenConfig, readJson, readRunConfig } from './run-config';
import type { RunError } from './run-error';
import { readHistory, type RunHistory } from './run-history';
import { runsDirectory } from './run-names';
import { readRunState } from './run-state';
import { type RunSummary, summariseRun } from './run-summary';
import { readTags, type RunTags } from './tags';

/** A file of a run. */
export interface RunFile {
  /** Relative to the run, with forward slashes. */
  path: string;
  bytes: number;
}

/** Everything that a person wants to know of a run. */
export interface RunDetails extends Omit<RunSummary, 'error'>, RunHistory {
  tags: RunTags;
  /** The resolved configuration by dotted paths. */
  config: JsonObject;
  /** Those of its values that are no defaults; null where that is not known. */
  changedConfig: JsonObject | null;
  /** The last values in the last 64 KiB of `metrics.jsonl`, by their keys. */
  lastMetrics: Readonly<Record<string, LastMetric>>;
  /** What a complete run came to, `weights_sha256` included; nothing for another. */
  results: JsonObject;
  /** Why it failed, with the stack where one was recorded; null otherwise. */
  error: RunError | null;
  files: readonly RunFile[];
  /** What `environment.json` holds; null if there is none. */
  environment: JsonObject | null;
  /** What the manifest says of the code, the data and the libraries; null for a run that is not complete. */
  facts: JsonObject | null;
}

const FACT_KEYS: ReadonlySet<string> = new Set([
  'seed', 'git', 'node', 'tfjs', 'tensorflow', 'cuda', 'backend', 'env_lock', 'dataset', 'encoder',
  'transforms',
]); // prettier-ignore

/**
 * Everything that a person wants to know of a run. Changes nothing. A file that is missing or damaged, other than the
 * state and the tags, is empty here: `auditRun` tells what is wrong.
 *
 * @param run Its id, the beginning of one, or `latest`.
 * @throws {UsageError} `RUN_UNKNOWN` or `RUN_AMBIGUOUS` if no one run is meant.
 * @throws {IntegrityError} `RUN_STATE_BROKEN` or `TAGS_BROKEN` if its state or its tags are damaged.
 * @throws {EnvironmentError} `MANIFEST_VERSION_LATER` if a later Pixelis completed it.
 */
export function showRun(root: string, run: string): RunDetails {
  const runId = resolveRunId(root, run);
  const summary = summariseRun({ runs: runsDirectory(root), runId });
  if (summary === null) throw noRunError(join(runsDirectory(root), runId));
  const { directory } = summary;
  const manifest = readManifestLeniently(directory);
  const config = readRunConfig(directory);
  return {
    ...summary,
    ...readHistory(summary),
    tags: readTags(directory),
    config: config === null ? {} : flattenConfig(config.config),
    changedConfig: config?.changed ?? null,
    lastMetrics: readLastMetrics(directory),
    results: asObject(manifest?.['results']) ?? {},
    error: errorOf(summary),
    files: filesOf(directory),
    environment: readObject(join(directory, 'environment.json')),
    facts: manifest === null ? null : factsOf(manifest),
  };
}

function readObject(path: string): JsonObject | null {
  return asObject(readJson(path));
}

function asObject(value: JsonValue | undefined): JsonObject | null {
  return value !== undefined && isJsonObject(value) ? value : null;
}

function factsOf(manifest: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(manifest).filter(([key]) => FACT_KEYS.has(key)));
}

/** The state holds the stack too, unless nobody has marked the run yet. */
function errorOf({ directory, status, error }: RunSummary): RunError | null {
  const recorded = status === 'FAILED' ? readRunState(directory)?.error : null;
  return recorded ?? error;
}

/** A file that a live run replaces at this moment is left out. */
function filesOf(directory: string): RunFile[] {
  return listBelow(directory)
    .filter(({ kind }) => kind === 'file')
    .flatMap(({ path }) => {
      const found = ifPresent(() => statSync(join(directory, path)));
      return found === null ? [] : [{ path, bytes: found.size }];
    });
}

function noRunError(directory: string): IntegrityError {
  return new IntegrityError(`${directory} holds no run`, {
    code: 'RUN_STATE_BROKEN',
    remedy: 'Remove that folder if nothing in it is needed.',
  });
}
