import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { EnvironmentError } from '@pixelis/core';
import { launchTasks, type TaskOutcome } from './launch-tasks';
import type { Launcher, TrialEnd, TrialTask } from './launcher';
import { type LocalCapacity, localCapacity, type LocalCapacityOptions } from './local-capacity';
import { sharedSignal } from './shared-signal';
import { readTrialEnd, removeTrialEnd, waitForTrialEnd } from './trial-end';
import { findTrialProcess, isTrialAlive, isTrialWithinReach } from './trial-locks';
import { trialProcessPath } from './trial-process-path';

/** Between two looks at a process that an earlier launcher left, in milliseconds. */
const POLL_MS = 200;

/** Runs trials on this machine. */
export interface LocalLauncher extends Launcher {
  readonly name: 'local';
  readonly capacity: LocalCapacity;
}

/**
 * Runs trials as processes of this machine, as many at once as {@link localCapacity} finds room for. Each is the leader of a
 * process group of its own, so that Ctrl-C in a terminal reaches only who launches them, and lives on if that process dies.
 * Processes that an earlier launcher left are waited for, whatever their number.
 */
export function createLocalLauncher(options: LocalCapacityOptions = {}): LocalLauncher {
  const capacity = localCapacity(options);
  return {
    name: 'local',
    capacity,
    run: async (tasks, launch) => {
      const signal = sharedSignal(launch.signal);
      await launchTasks(tasks, launch, {
        jobs: capacity.jobs,
        isRunning: isTrialAlive,
        adopt: async (task, begun) => adoptTask(task, { signal, begun }),
        start: async (task, begun) => startTask(task, { signal, begun }),
      });
    },
  };
}

interface FollowOptions {
  readonly signal: AbortSignal;
  readonly begun: () => void;
}

async function startTask(task: TrialTask, { signal, begun }: FollowOptions): Promise<TaskOutcome> {
  begun();
  removeTrialEnd(task);
  const child = spawn(process.execPath, [trialProcessPath(), JSON.stringify(task)], {
    stdio: 'ignore',
    detached: true,
    windowsHide: true,
  });
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  try {
    const own = await endOf(child);
    return (await waitForTrialEnd(task)) ?? own;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** How the process that watches a trial ended, where that tells what became of the trial: it failed, or was stopped before it began. */
async function endOf(child: ChildProcess): Promise<TrialEnd | null> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(unstartable(cause)));
    child.once('exit', (exitCode, signal) => {
      const tells = exitCode === null ? signal === 'SIGTERM' || signal === 'SIGINT' : exitCode > 0;
      resolve(tells ? { exitCode, signal } : null);
    });
  });
}

/** Nothing is wrong with the trial: no process can be started here now. */
function unstartable(cause: Error): EnvironmentError {
  return new EnvironmentError(`no process of a trial can be started: ${cause.message}`, {
    code: 'TRIAL_UNSTARTABLE',
    remedy:
      'see what limits processes and open files here, use fewer --jobs, and repeat the command: nothing is lost',
    cause,
  });
}

/** Undefined if it was to be stopped but lives where it cannot be reached from here. */
async function adoptTask(task: TrialTask, { signal, begun }: FollowOptions): Promise<TaskOutcome> {
  begun();
  const stop = (): void => stopProcess(findTrialProcess(task)?.pid);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    while (isTrialAlive(task)) {
      if (signal.aborted && !isTrialWithinReach(task)) return undefined;
      await wait(POLL_MS);
    }
    return readTrialEnd(task);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function stopProcess(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It has ended in the meantime.
  }
}
