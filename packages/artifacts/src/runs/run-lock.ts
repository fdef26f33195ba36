import { statSync } from 'node:fs';
import { join } from 'node:path';
import { acquireFileLock, type FileLock, inspectFileLock } from '@pixelis/core';

/** How long a process may hold a run to mark it, and how often it is looked whether it has let go. */
const SETTLING_MS_MAX = 500;
const SETTLING_STEP_MS = 20;

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

/**
 * Whether a run is free, or becomes so in half a second: for that long a process may hold it that does no more than mark
 * it as failed. Who has held it for longer is not waited for, nor is this process itself.
 */
export function becomesFree(runs: string, runId: string): boolean {
  const path = lockPath(runs, runId);
  for (let waitedMs = 0; ; waitedMs += SETTLING_STEP_MS) {
    const { state, holder } = inspectFileLock(path);
    if (state !== 'held') return true;
    const takenMs = statSync(path, { throwIfNoEntry: false })?.birthtimeMs ?? 0;
    const isJustTaken = Date.now() - takenMs < SETTLING_MS_MAX;
    if (holder?.pid === process.pid || !isJustTaken || waitedMs >= SETTLING_MS_MAX) return false;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SETTLING_STEP_MS);
  }
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
