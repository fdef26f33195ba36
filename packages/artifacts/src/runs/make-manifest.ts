import { statSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, DataError, redactSecrets, sha256, sha256File } from '@pixelis/core';
import { listBelow } from './disk';
import type { JsonObject } from './json-object';
import {
  FINAL_WEIGHTS_FILE,
  MANIFEST_FILE,
  type ManifestFacts,
  manifestSchema,
  type RunManifest,
} from './manifest';
import { type RunState, STATE_FILE } from './run-state';
import { STEP_FILES } from './step-files';

/** What the run folder itself knows. */
export interface HeadlineSource {
  state: RunState;
  /** All files but the audit trail, by {@link hashFiles}. */
  files: RunManifest['files'];
}

/** All that a manifest says but the files and the audit trail. */
export type ManifestHeadline = Omit<RunManifest, 'files' | 'events' | 'results'> & {
  results: Readonly<Record<string, number | string | null>>;
};

/** The audit trail of a run, which tells of all its other files. */
export const EVENTS_FILE = 'events.jsonl';

const NOT_HASHED = new Set<string>([EVENTS_FILE, MANIFEST_FILE, STATE_FILE]);

/** Says all that is known of a run before its audit trail ends. */
export function makeHeadline(
  { state, files }: HeadlineSource,
  facts: ManifestFacts,
): ManifestHeadline {
  const paths = Object.keys(files).sort();
  const below = (folder: string) => paths.filter((path) => path.startsWith(folder));
  const { results, git, ...rest } = facts;
  return {
    manifest_version: 1,
    run_id: state.run_id,
    run_uuid: state.run_uuid,
    created_at: state.created_at,
    status: 'COMPLETED',
    ...rest,
    git: { ...git, remote: git.remote === null ? null : withoutSecrets(git.remote) },
    checkpoints: below('checkpoints/'),
    config_path: 'config_raw.json',
    config_resolved_path: 'config_resolved.json',
    artifacts: {
      metrics: paths.filter((path) => STEP_FILES.some((name) => name === path)),
      figures: below('figures/'),
      plots: below('plots/'),
    },
    results: { ...results, weights_sha256: files[FINAL_WEIGHTS_FILE]?.sha256 ?? null },
  };
}

/** Adds to a headline the files and the audit trail, which has ended and holds the digests of both. */
export async function makeManifest(
  directory: string,
  parts: {
    headline: ManifestHeadline;
    files: RunManifest['files'];
    events: RunManifest['events'];
  },
): Promise<RunManifest> {
  const trail = await hashFile(join(directory, EVENTS_FILE));
  return manifestSchema.parse({
    ...parts.headline,
    files: sortedByPath({ ...parts.files, [EVENTS_FILE]: trail }),
    events: parts.events,
  });
}

/**
 * One hash of all that a manifest says but its `files` and `events`, which the last event holds: so that no field can be
 * changed without it.
 *
 * @param manifest As it is written.
 */
export function digestHeadline(manifest: JsonObject): string {
  const said = Object.entries(manifest).filter(([key]) => key !== 'files' && key !== 'events');
  return sha256(canonicalJson(Object.fromEntries(said)));
}

/** An address without user and password, which would say nothing of where it leads even if they were hidden. */
function withoutSecrets(address: string): string {
  return redactSecrets(address.replace(/:\/\/[^/\s@]*@/g, '://'));
}

/**
 * Hashes every file of a run but its audit trail and its state.
 *
 * @throws {DataError} `PATH_LINKED` if the folder holds what is neither file nor folder.
 */
export async function hashFiles(directory: string): Promise<RunManifest['files']> {
  const files: RunManifest['files'] = {};
  for (const { path, kind } of listBelow(directory)) {
    if (kind === 'folder' || NOT_HASHED.has(path)) continue;
    const target = join(directory, path);
    if (kind === 'other') throw linkedError(target);
    files[path] = await hashFile(target);
  }
  return files;
}

/** One hash of all files but the audit trail, which the last event holds: so that no file can be changed without it. */
export function digestFiles(files: RunManifest['files']): string {
  const others = Object.entries(files).filter(([path]) => path !== EVENTS_FILE);
  return sha256(canonicalJson(Object.fromEntries(others)));
}

async function hashFile(path: string): Promise<{ sha256: string; bytes: number }> {
  return { sha256: await sha256File(path), bytes: statSync(path).size };
}

function sortedByPath(files: RunManifest['files']): RunManifest['files'] {
  return Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function linkedError(path: string): DataError {
  return new DataError(`${path} is neither a file nor a folder`, {
    code: 'PATH_LINKED',
    remedy: 'Put a real file in its place and run the same command again: the run resumes.',
  });
}
