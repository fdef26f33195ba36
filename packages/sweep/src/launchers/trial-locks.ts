import { type FileLockInspection, inspectFileLock, type ProcessIdentity } from '@pixelis/core';
import type { TrialTask } from './launcher';

/** Tells the program of a trial which lock to hold; see `trial-guard.ts`. */
export const PROGRAM_LOCK_VARIABLE = 'PIXELIS_TRIAL_LOCK';

/** Where the program of a trial hears, by its end, that the process which watches it is gone. */
export const WATCHER_DESCRIPTOR = 3;

/** Held by the program itself, which may live on for a moment when the process that watches it is killed. */
export function programLockPath({ lockPath }: Pick<TrialTask, 'lockPath'>): string {
  return `${lockPath}.program`;
}

/** Whether a process of the trial lives, or may live where it cannot be looked at from here. */
export function isTrialAlive(task: Pick<TrialTask, 'lockPath'>): boolean {
  return inspectLocks(task).some(({ state }) => state === 'held');
}

/** Whether a process of the trial lives on this machine. */
export function isTrialWithinReach(task: Pick<TrialTask, 'lockPath'>): boolean {
  return inspectLocks(task).some(({ isProvedAlive }) => isProvedAlive);
}

/** The process that watches the trial, if it lives on this machine. */
export function findTrialProcess(task: Pick<TrialTask, 'lockPath'>): ProcessIdentity | undefined {
  const { isProvedAlive, holder } = inspectFileLock(task.lockPath);
  return isProvedAlive ? holder : undefined;
}

function inspectLocks(task: Pick<TrialTask, 'lockPath'>): FileLockInspection[] {
  return [task.lockPath, programLockPath(task)].map((path) => inspectFileLock(path));
}
