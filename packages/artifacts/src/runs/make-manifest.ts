import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DataError, redactSecrets, sha256File } from '@pixelis/core';
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
  events: RunManifest['events'];
}

/**
 * Hashes every file of a run and says all that is known of it.
 *
 * @throws {DataError} `PATH_LINKED` if the folder holds what is neither file nor folder.
 */
export async function makeManifest(
  source: ManifestSource,
  facts: ManifestFacts,
): Promise<RunManifest> {
  const { directory, state, events } = source;
  const files = await hashFiles(directory);
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

async function hashFiles(directory: string): Promise<RunManifest['files']> {
  const files: [string, { sha256: string; bytes: number }][] = [];
  for (const { path, kind } of listBelow(directory)) {
    if (kind === 'folder' || path === MANIFEST_FILE || path === STATE_FILE) continue;
    const target = join(directory, path);
    if (kind === 'other') throw linkedError(target);
    files.push([path, { sha256: await sha256File(target), bytes: statSync(target).size }]);
  }
  return Object.fromEntries(files);
}

function linkedError(path: string): DataError {
  return new DataError(`${path} is neither a file nor a folder`, {
    code: 'PATH_LINKED',
    remedy: 'Put a real file in its place and run the same command again: the run resumes.',
  });
}
