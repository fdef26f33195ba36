import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST_FILE, validateManifest } from '@pixelis/artifacts';
import { inconsistent } from './crate-error';
import type { CrateRun } from './crate-index';
import { identityOf } from './run-members';

/**
 * Checks a run that was unpacked: it is the one that the index says, and a complete one is as it was completed.
 *
 * @throws {DataError} `CRATE_INCONSISTENT`
 */
export async function checkRun(
  run: CrateRun,
  { file, folder }: { file: string; folder: string },
): Promise<void> {
  const identity = existsSync(folder) ? identityOf(folder) : null;
  if (identity?.run_id !== run.run_id || identity.run_uuid !== run.run_uuid)
    throw inconsistent(file, `${run.run_id} is not the run that its index says`);
  if (!existsSync(join(folder, MANIFEST_FILE))) return;
  const [problem] = await validateManifest(folder);
  if (problem !== undefined)
    throw inconsistent(file, `${problem.path} of run ${run.run_id} ${problem.message}`);
}
