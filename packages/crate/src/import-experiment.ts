import { ArtifactManager } from '@pixelis/artifacts';
import { checkRun } from './check-runs';
import { commitImport, type KeptAlias } from './commit-import';
import type { CrateIndex, CrateMember } from './crate-index';
import { artifactId } from './index-entries';
import { placeOf } from './member-path';
import { type ImportPlan, planImport } from './plan-import';
import { readIndex } from './read-index';
import { openZip, type OpenedZip } from './read-zip';
import { Staging } from './staging';

/** What {@link importExperiment} imports. */
export interface ImportExperimentOptions {
  /** The output folder; it is made if it is missing. @default 'out' */
  root?: string;
  /** A file that `exportExperiment` wrote. */
  file: string;
}

/** What {@link importExperiment} did. */
export interface ImportedExperiment {
  /** Names of the run folders in the crate. */
  readonly runs: readonly { readonly runId: string; readonly isNew: boolean }[];
  /** Artifacts in the crate, as `name:1.0.0`. */
  readonly artifacts: readonly { readonly id: string; readonly isNew: boolean }[];
  /** Aliases that stayed where they were. */
  readonly keptAliases: readonly KeptAlias[];
}

/**
 * Takes a crate into a store. Every hash is checked before anything counts: the crate is unpacked into a folder of its
 * own, compared with the store, and then moved into place. What is there already, equal, is left as it is, so that an
 * import can be repeated, also after it was killed.
 *
 * Runs, artifacts and versions keep their names; a store that has something else of that name refuses the whole crate.
 * An alias that the store has stays where it is. `latest` moves to an imported version that is the highest.
 *
 * @throws {DataError} `CRATE_UNREADABLE`, `CRATE_UNSAFE`, `CRATE_DAMAGED` or `CRATE_INCONSISTENT` for a file that is broken
 * or made to harm; another one if a folder cannot be written or the disk is full. Nothing is then imported.
 * @throws {UsageError} `RUN_ID_TAKEN`, `RUN_HELD`, `ARTIFACT_VERSION_TAKEN`, `ARTIFACT_CONTENT_KNOWN`,
 * `ARTIFACT_TYPE_DIFFERS`, `ARTIFACT_NAME_TAKEN` or `ARTIFACT_REMOVED` if the store has something else of a name.
 */
export async function importExperiment({
  root = 'out',
  file,
}: ImportExperimentOptions): Promise<ImportedExperiment> {
  const zip = await openZip(file);
  try {
    const index = await readIndex(zip);
    const manager = ArtifactManager.open({ root, rank: 0 });
    const plan = await planImport(manager, index);
    const staging = await Staging.open(root);
    try {
      await unpack(zip, { index, plan, staging });
      const keptAliases = await commitImport({ manager, staging, index, plan });
      return report(index, plan, keptAliases);
    } finally {
      await staging.remove();
    }
  } finally {
    zip.close();
  }
}

interface UnpackParts {
  index: CrateIndex;
  plan: ImportPlan;
  staging: Staging;
}

/** Checks every member, and unpacks those that are new to the store. */
async function unpack(zip: OpenedZip, { index, plan, staging }: UnpackParts): Promise<void> {
  const runIds = new Set(plan.runs.map((run) => run.run_id));
  const contents = new Set(plan.artifacts.flatMap(({ files }) => files.map((one) => one.sha256)));
  function isWanted({ path, sha256 }: CrateMember): boolean {
    const place = placeOf(path);
    return contents.has(sha256) || (place?.kind === 'run' && runIds.has(place.runId));
  }
  for (const member of index.members)
    await staging.unpack(zip, member, { isWanted: isWanted(member) });
  for (const run of plan.runs)
    await checkRun(run, { file: zip.file, folder: staging.pathOf(`runs/${run.run_id}`) });
}

function report(
  { runs, artifacts }: CrateIndex,
  plan: ImportPlan,
  keptAliases: readonly KeptAlias[],
): ImportedExperiment {
  const newRuns = new Set(plan.runs.map((run) => run.run_id));
  const newArtifacts = new Set(plan.artifacts.map(artifactId));
  return {
    runs: runs
      .filter((run) => run.has_folder)
      .map(({ run_id: runId }) => ({ runId, isNew: newRuns.has(runId) })),
    artifacts: artifacts.map(artifactId).map((id) => ({ id, isNew: newArtifacts.has(id) })),
    keptAliases,
  };
}
