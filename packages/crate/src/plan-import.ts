import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { type ArtifactManager, type ArtifactVersion, SIGNATURE_FILE } from '@pixelis/artifacts';
import { isSystemError, sha256File, UsageError } from '@pixelis/core';
import type { CrateArtifact, CrateIndex, CrateMember, CrateRun } from './crate-index';
import { artifactId } from './index-entries';
import { runMember } from './member-path';
import { entriesBelow, ifPresent } from './on-disk';
import { STATE_FILE } from './run-members';

/** What of a crate is new to a store. */
export interface ImportPlan {
  readonly artifacts: readonly CrateArtifact[];
  readonly runs: readonly CrateRun[];
}

/**
 * Compares a crate with the store that it goes into. Changes nothing.
 *
 * @throws {UsageError} `ARTIFACT_VERSION_TAKEN`, `ARTIFACT_CONTENT_KNOWN`, `ARTIFACT_TYPE_DIFFERS`, `ARTIFACT_NAME_TAKEN`,
 * `ARTIFACT_REMOVED` or `RUN_ID_TAKEN` if something there has the name of another thing in the crate.
 */
export async function planImport(manager: ArtifactManager, index: CrateIndex): Promise<ImportPlan> {
  const there = new Map<string, ArtifactVersion[]>();
  for (const version of manager.list()) {
    const versions = there.get(version.name) ?? [];
    there.set(version.name, versions);
    versions.push(version);
  }
  const artifacts = index.artifacts.filter((artifact) =>
    isNewArtifact(artifact, { manager, versions: there.get(artifact.name) ?? [] }),
  );
  const runs: CrateRun[] = [];
  for (const run of index.runs) {
    if (run.has_folder && (await isNewRun(run, { root: manager.root, members: index.members })))
      runs.push(run);
  }
  return { artifacts, runs };
}

function isNewArtifact(
  artifact: CrateArtifact,
  { manager, versions }: { manager: ArtifactManager; versions: readonly ArtifactVersion[] },
): boolean {
  const id = artifactId(artifact);
  const [first] = versions;
  if (first !== undefined && first.type !== artifact.type)
    throw conflict('ARTIFACT_TYPE_DIFFERS', `${artifact.name} is of type ${first.type} here, not ${artifact.type}`); // prettier-ignore
  const there = versions.find(({ version }) => version === artifact.version);
  if (there?.digest === artifact.digest) return false;
  if (there !== undefined)
    throw conflict('ARTIFACT_VERSION_TAKEN', `${id} exists here with other content`);
  const equal = versions.find(({ digest }) => digest === artifact.digest);
  if (equal !== undefined)
    throw conflict('ARTIFACT_CONTENT_KNOWN', `the content of ${id} is ${equal.version} here`);
  if (isGiven(manager, artifact))
    throw conflict('ARTIFACT_REMOVED', `${id} was removed here by a retention policy`);
  return true;
}

function isGiven(manager: ArtifactManager, { name, version }: CrateArtifact): boolean {
  try {
    return manager.history(name).some(({ versions }) => versions.includes(version));
  } catch (error) {
    if (error instanceof UsageError && error.code === 'ARTIFACT_UNKNOWN') return false;
    throw error;
  }
}

/**
 * Whether a run is to be imported, rather than there already.
 *
 * @throws {UsageError} `RUN_ID_TAKEN` if there is another run, or anything else, of that name.
 */
export async function isNewRun(
  run: CrateRun,
  { root, members }: { root: string; members: readonly CrateMember[] },
): Promise<boolean> {
  const directory = join(root, 'runs', run.run_id);
  if (ifPresent(() => lstatSync(directory)) === null) return true;
  const prefix = runMember(run.run_id, '');
  const expected = members
    .filter(({ path }) => path.startsWith(prefix))
    .map((member) => ({ ...member, path: member.path.slice(prefix.length) }));
  if (await isSameRun(run, { directory, expected })) return false;
  throw conflict('RUN_ID_TAKEN', `${directory} exists and is not the run of the crate`);
}

async function isSameRun(
  run: CrateRun,
  { directory, expected }: { directory: string; expected: readonly CrateMember[] },
): Promise<boolean> {
  // A signature may be added to a run that is complete; it is no part of what the run is.
  const tolerated = new Set([SIGNATURE_FILE, STATE_FILE, ...run.left_out]);
  const known = new Map(expected.map((member) => [member.path, member]));
  try {
    const found = entriesBelow(directory);
    if (found.some(({ path }) => !known.has(path) && !tolerated.has(path))) return false;
    for (const { path, sha256, bytes } of expected) {
      if (path === SIGNATURE_FILE) continue;
      const file = join(directory, path);
      const isSized = lstatSync(file).isFile() && lstatSync(file).size === bytes;
      if (!isSized || (await sha256File(file)) !== sha256) return false;
    }
    return true;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

function conflict(code: string, message: string): UsageError {
  return new UsageError(message, {
    code,
    remedy: 'Import it into another output folder (--out): nothing of it was imported here.',
  });
}
