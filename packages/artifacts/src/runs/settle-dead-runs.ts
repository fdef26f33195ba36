import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ifPresent } from './disk';
import { EventLog } from './event-log';
import { finishCompletedRuns } from './finish-completed-runs';
import { listRuns, runsDirectory } from './list-runs';
import { isRunId } from './run-id';
import { underLock } from './run-lock';
import { readRunState, writeRunState } from './run-state';

/**
 * Marks every run whose process is proved dead as failed, in its state and its audit trail, removes what a process left
 * that died while it began a run, and ends what one began that died while it completed a run. For a command that tidies; a reader never needs it, since `listRuns` already
 * counts such runs as failed. Marked runs can still be resumed.
 *
 * @returns The ids of the runs that were marked.
 * @throws {DataError} If a run's folder is unwritable or the disk full.
 * @throws {IntegrityError} If a run's audit trail was tampered with.
 */
export function settleDeadRuns(root: string): string[] {
  const runs = runsDirectory(root);
  removeUnfinishedCreations(runs);
  finishCompletedRuns(root);
  return listRuns(root)
    .filter((run) => run.error?.code === 'RUN_CRASHED')
    .filter(({ runId }) => underLock({ runs, runId }, () => markFailed(join(runs, runId))) === true)
    .map(({ runId }) => runId);
}

function removeUnfinishedCreations(runs: string): void {
  for (const name of ifPresent(() => readdirSync(runs)) ?? []) {
    const runId = /^\.(.+)\.tmp$/.exec(name)?.[1];
    if (runId === undefined || !isRunId(runId)) continue;
    underLock({ runs, runId }, () => rmSync(join(runs, name), { recursive: true, force: true }));
  }
}

/** Whether there was something to mark: another process may have been faster. */
function markFailed(directory: string): boolean {
  const state = readRunState(directory);
  if (state?.status !== 'RUNNING') return false;
  const error = { code: 'RUN_CRASHED', message: 'its process is gone' };
  const events = new EventLog(join(directory, 'events.jsonl'));
  try {
    events.append('failed', error);
    events.sync();
  } finally {
    events.close();
  }
  writeRunState(directory, { ...state, status: 'FAILED', error });
  return true;
}
