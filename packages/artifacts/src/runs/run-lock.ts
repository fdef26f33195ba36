import { join } from 'node:path';
import { acquireFileLock, type FileLock, inspectFileLock } from '@pixelis/core';

/** Takes a run for this process; undefined if another holds it. The lock lies beside the run's folder, not in it. */
export function lockRun(runs: string, runId: string): FileLock | undefined {
  return acquireFileLock(lockPath(runs, runId));
}

/** Whether a process that is not proved dead holds a run. Changes nothing. */
export function isRunHeld(runs: string, runId: string): boolean {
  return inspectFileLock(lockPath(runs, runId)).state === 'held';
}

/** Whether the process that holds a run was seen to run: false too for one that cannot be looked at from here. */
export function isHolderProvedAlive(runs: string, runId: string): boolean {
  return inspectFileLock(lockPath(runs, runId)).isProvedAlive;
}

/** Does something while no other process holds the run; undefined if one does. */
export function underLock<T>(
  { runs, runId }: { runs: string; runId: string },
  action: () => T,
): T | undefined {
  const lock = lockRun(runs, runId);
  if (lock === undefined) return undefined;
  try {
    return action();
  } finally {
    lock.release();
  }
}

/** Who holds a run, for a message. */
export function describeHolder(runs: string, runId: string): string {
  const { holder } = inspectFileLock(lockPath(runs, runId));
  return holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.hostname}`;
}

function lockPath(runs: string, runId: string): string {
  return join(runs, `.${runId}.lock`);
}
