import { statSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, DataError, redactSecrets, sha256, sha256File } from '@pixelis/core';
import { listBelow } from './disk';
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
export interface ManifestSource {
  directory: string;
  state: RunState;
  /** All files but the audit trail, by {@link hashFiles}. */
  files: RunManifest['files'];
  events: RunManifest['events'];
}

/** The audit trail of a run, which tells of all its other files. */
export const EVENTS_FILE = 'events.jsonl';

const NOT_HASHED = new Set<string>([EVENTS_FILE, MANIFEST_FILE, STATE_FILE]);

/**
 * Says all that is known of a run.
 */
export async function makeManifest(
  source: ManifestSource,
  facts: ManifestFacts,
): Promise<RunManifest> {
  const { directory, state, events } = source;
  const trail = await hashFile(join(directory, EVENTS_FILE));
  const files = sortedByPath({ ...source.files, [EVENTS_FILE]: trail });
  const below = (folder: string) => Object.keys(files).filter((path) => path.startsWith(folder));
  const { results, git, ...rest } = facts;
  return manifestSchema.parse({
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
      metrics: Object.keys(files).filter((path) => STEP_FILES.some((name) => name === path)),
      figures: below('figures/'),
      plots: below('plots/'),
    },
    files,
    events,
    results: { ...results, weights_sha256: files[FINAL_WEIGHTS_FILE]?.sha256 ?? null },
  });
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
