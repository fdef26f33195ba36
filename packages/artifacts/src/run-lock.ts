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

/** Who holds a run, for a message. */
export function describeHolder(runs: string, runId: string): string {
  const { holder } = inspectFileLock(lockPath(runs, runId));
  return holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.hostname}`;
}

function lockPath(runs: string, runId: string): string {
  return join(runs, `.${runId}.lock`);
}
