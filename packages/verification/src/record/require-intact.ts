import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { auditRun, MANIFEST_FILE, readChain, type RunAudit } from '@pixelis/artifacts';
import { IntegrityError } from '@pixelis/core';

/**
 * Audits a run whose record must be intact.
 *
 * @throws {IntegrityError} `RECORD_BROKEN` if it is not; the message names all that is damaged.
 * @throws {DataError} `RUN_MISSING` if it is no folder of a run.
 */
export async function requireIntact(directory: string): Promise<RunAudit> {
  const audit = await auditRun(directory);
  if (audit.isIntact) return audit;
  const problems = audit.problems.map(({ path, message }) => `${path}: ${message}`);
  throw new IntegrityError(`The record of run ${audit.runId} is damaged: ${problems.join('; ')}`, {
    code: 'RECORD_BROKEN',
    remedy: `restore ${audit.directory} from a copy`,
  });
}

/**
 * Checks that what a run recorded can be believed, before it is compared. A run that is not complete may still grow, or end
 * within a line: of it only the chain of training is checked.
 *
 * @throws {IntegrityError} `RECORD_BROKEN` or `CHAIN_BROKEN` if it is damaged.
 * @throws {DataError} If a file cannot be read.
 */
export async function requireComparable(directory: string): Promise<void> {
  if (existsSync(join(directory, MANIFEST_FILE))) await requireIntact(directory);
  else readChain(directory);
}
