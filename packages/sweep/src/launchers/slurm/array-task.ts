/**
 * Runs one trial as a task of a job array, as `node array-task.js FILE`, where FILE holds the {@link TrialTask}: starts
 * `trial-process.js` and hears Slurm's signals. SIGUSR1, before the time limit, stops the trial as SIGTERM does, so that its run is
 * kept at its step, and puts the task back into the queue, where it goes on from that step. SIGTERM stops it for good. Its exit code
 * is that of the trial; 143 if it was stopped.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { PixelisError, runProgram } from '@pixelis/core';
import type { TrialTask } from '../launcher';
import { readTrialEnd, removeTrialEnd } from '../trial-end';
import { isTrialAlive } from '../trial-locks';
import { isInterruption } from './interruption';
import { tellSlurm } from './slurm-command';
import { againPath, readTask } from './task-file';

const STOPPED = 143;
/** Between two looks at another process of the trial. */
const POLL_MS = 500;

let wish: 'requeue' | 'stop' | undefined;
let child: ChildProcess | undefined;

process.on('SIGUSR1', () => stop('requeue'));
process.on('SIGTERM', () => stop('stop'));
void runProgram(async () => runArrayTask(process.argv[2] ?? ''));

async function runArrayTask(path: string): Promise<number> {
  const task = readTask(path);
  if (task === undefined) {
    process.stderr.write('the launcher has given this task up\n');
    return 0;
  }
  const exitCode = await runTrial(task, path);
  const hasEnded = !isInterruption(readTrialEnd(task));
  return wish === 'requeue' && !hasEnded ? requeue(path) : exitCode;
}

async function runTrial(task: TrialTask, path: string): Promise<number> {
  while (wish === undefined) {
    if (isTrialAlive(task)) {
      await otherProcess(task);
      if (!isInterruption(readTrialEnd(task))) return 0;
      continue;
    }
    removeTrialEnd(task);
    const exitCode = await runTrialProcess(path);
    // Otherwise another process was faster.
    if (exitCode !== 0 || readTrialEnd(task) !== null) return exitCode;
  }
  return STOPPED;
}

/** Waits for a process that an earlier launcher left, or that died on a machine which cannot be looked at from here. */
async function otherProcess(task: TrialTask): Promise<void> {
  process.stderr.write(`trial ${task.trial} may be run by another process: waiting for its end\n`);
  while (wish === undefined && isTrialAlive(task)) await wait(POLL_MS);
}

async function runTrialProcess(path: string): Promise<number> {
  const program = join(__dirname, '..', 'trial-process.js');
  const started = spawn(process.execPath, [program, path], { stdio: 'inherit' });
  child = started;
  return new Promise((resolve, reject) => {
    started.once('error', reject);
    started.once('exit', (exitCode) => resolve(exitCode ?? STOPPED));
  });
}

/** A second wish changes what comes after the trial's end; to the trial it would mean to drop all at once. */
function stop(why: 'requeue' | 'stop'): void {
  if (wish === undefined) child?.kill('SIGTERM');
  if (wish !== 'stop') wish = why;
}

async function requeue(path: string): Promise<number> {
  const { SLURM_ARRAY_JOB_ID: job, SLURM_ARRAY_TASK_ID: index } = process.env;
  try {
    await tellSlurm('scontrol', ['requeue', `${job}_${index}`]);
    return 0;
  } catch (error) {
    if (!(error instanceof PixelisError)) throw error;
    // Some sites let only login nodes speak to the controller.
    writeFileSync(againPath(path), '');
    process.stderr.write(`left to the launcher to start again: ${error.message}\n`);
    return STOPPED;
  }
}
