import { type ArtifactManager, type RunDetails, settleDeadRuns, showRun } from '@pixelis/artifacts';
import { PixelisError } from '@pixelis/core';

/** What kind of work a run is if nobody said. */
export const DEFAULT_JOB = 'experiment';

/**
 * Records in the catalog how runs ended whose process was killed before it could: one that has its manifest is complete,
 * whatever the catalog says; one whose process is proved dead has failed, and is marked so in its folder too. What is
 * gone or damaged, or cannot be looked at from here, is left as it is.
 *
 * @throws {DataError} If the disk is full or the folder unwritable.
 */
export async function mendRunFacts(root: string, artifacts: ArtifactManager): Promise<void> {
  if (artifacts.rank !== 0) return;
  const ended = artifacts
    .runFacts()
    .filter(({ status }) => status === 'RUNNING')
    .map((facts) => ({ facts, details: detailsOf(root, facts.run.runId) }))
    .filter(({ details }) => details !== undefined && details.status !== 'RUNNING');
  if (ended.some(({ details }) => details?.error?.code === 'RUN_CRASHED')) settleDeadRuns(root);
  for (const { facts, details } of ended) {
    if (details === undefined || details.runUuid !== facts.run.runUuid) continue;
    const { status, error } = details;
    const reason = error === null ? null : { code: error.code, message: error.message };
    const { run, job } = facts;
    await artifacts.recordRun({ run, job: job ?? DEFAULT_JOB, status, error: reason });
  }
}

/** Undefined if there is no such run, or it is damaged. */
function detailsOf(root: string, runId: string): RunDetails | undefined {
  try {
    const details = showRun(root, runId);
    return details.runId === runId ? details : undefined;
  } catch (error) {
    if (error instanceof PixelisError) return undefined;
    throw error;
  }
}
