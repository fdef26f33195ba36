/**
 * Runs one trial: the process that every launcher starts, as `node trial-process.js TASK`, where TASK is a {@link TrialTask} as
 * JSON or a file that holds one. It holds the trial's lock, appends what the program prints to its log, passes SIGTERM and SIGINT
 * on to it, and writes how it ended. Its own exit code is that of the program, or 128 plus the number of the signal that ended it.
 * If another process of the trial lives it does nothing and ends with 0.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, isAbsolute } from 'node:path';
import { setImmediate as nextEventLoopTurn, setTimeout as wait } from 'node:timers/promises';
import {
  acquireFileLock,
  DataError,
  EnvironmentError,
  EXIT_CODES,
  explainSystemError,
  inspectFileLock,
  makeFolderSync,
  PixelisError,
  runProgram,
  UsageError,
  workerEntry,
  writeFileAtomicSync,
} from '@pixelis/core';
import type { TrialEnd, TrialTask } from './launcher';
import { logFailure } from './log-failure';
import { programLockPath, PROGRAM_LOCK_VARIABLE } from './trial-locks';

type StopSignal = 'SIGINT' | 'SIGTERM';
const SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM'];

/** Between two looks at the program of an earlier process that was killed. */
const POLL_MS = 100;

/** Passes signals on to the program, and keeps in mind what came before there was one. */
class StopSignals {
  /** The first that came. */
  first: StopSignal | undefined;
  program: ChildProcess | undefined;

  constructor() {
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        this.first ??= signal;
        this.program?.kill(signal);
      });
    }
  }
}

// Listens before anything else: whoever finds the lock held may stop this process, which then says how it ended.
const stop = new StopSignals();
void runProgram(async () => runTask(readTask(process.argv[2])));

async function runTask(task: TrialTask): Promise<number> {
  for (const path of [task.lockPath, task.endPath, task.logPath]) makeFolderOf(path);
  const lock = acquireFileLock(task.lockPath);
  if (lock === undefined) {
    process.stderr.write(`trial ${task.trial} is run by another process already\n`);
    return 0;
  }
  try {
    rmSync(task.endPath, { force: true });
    const end = await runNode(task);
    writeEnd(task, end);
    return exitCodeOf(end);
  } catch (error) {
    const failure = explainSystemError(error) ?? error;
    tellFailure(task, failure);
    throw failure;
  } finally {
    lock.release();
  }
}

/** Runs the program in a process group of its own: what a terminal or a scheduler sends to a whole group it gets once, from here. */
async function runNode(task: TrialTask): Promise<TrialEnd> {
  const programLock = programLockPath(task);
  while (stop.first === undefined && inspectFileLock(programLock).state === 'held') {
    await wait(POLL_MS);
  }
  // Lets in a signal that came while nothing was awaited.
  await nextEventLoopTurn();
  if (stop.first !== undefined) return { exitCode: null, signal: stop.first };
  const log = openSync(task.logPath, 'a');
  try {
    const child = spawn(
      process.execPath,
      ['--require', workerEntry(__filename, 'trial-guard'), ...task.argv],
      {
        cwd: task.workingDirectory,
        stdio: ['ignore', log, log, 'pipe'],
        env: { ...process.env, [PROGRAM_LOCK_VARIABLE]: programLock },
        detached: true,
        windowsHide: true,
      },
    );
    stop.program = child;
    const end = await endOf(child, task);
    // It is that of another program, if this one was not let in.
    if (inspectFileLock(programLock).state !== 'held') rmSync(programLock, { force: true });
    return end;
  } finally {
    closeSync(log);
  }
}

async function endOf(child: ChildProcess, task: TrialTask): Promise<TrialEnd> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(explainStart(error, task)));
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
}

/** Node names itself where it is the folder that is missing. */
function explainStart(error: Error, { trial, workingDirectory }: TrialTask): Error {
  if (statSync(workingDirectory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    return new DataError(`cannot start trial ${trial} in ${workingDirectory}: no such folder`, {
      code: 'PATH_MISSING',
      remedy: 'make the folder, or start the sweep where it is',
      cause: error,
    });
  }
  return new EnvironmentError(`cannot start trial ${trial}: ${error.message}`, {
    code: 'TRIAL_UNSTARTABLE',
    remedy: 'run fewer trials at once with --jobs',
    cause: error,
  });
}

function writeEnd({ endPath }: TrialTask, { exitCode, signal }: TrialEnd): void {
  writeFileAtomicSync(endPath, `${JSON.stringify({ exit_code: exitCode, signal })}\n`);
}

function exitCodeOf({ exitCode, signal }: TrialEnd): number {
  const number = Object.entries(constants.signals).find(([name]) => name === signal)?.[1];
  return exitCode ?? 128 + (number ?? 0);
}

/** Nobody may be there to read stderr; what can be written is written. */
function tellFailure(task: TrialTask, error: unknown): void {
  const exitCode = error instanceof PixelisError ? error.exitCode : EXIT_CODES.defect;
  logFailure(task.logPath, error);
  try {
    writeEnd(task, { exitCode, signal: null });
  } catch {
    // The error that brought us here is the one to report.
  }
}

function makeFolderOf(path: string): void {
  const folder = dirname(path);
  try {
    makeFolderSync(folder);
  } catch (error) {
    throw explainSystemError(error, { action: 'make', path: folder }) ?? error;
  }
}

/** By hand: loading zod would take longer than all else that this program does. */
function readTask(argument: string | undefined): TrialTask {
  if (argument === undefined) throw refuse('it is missing');
  const text = argument.startsWith('{') ? argument : readTaskFile(argument);
  const value = parseObject(text);
  const { trial, argv, workingDirectory, logPath, endPath, lockPath } = value;
  if (typeof trial !== 'number' || !Number.isSafeInteger(trial) || trial < 1) {
    throw refuse('trial must be a whole number from 1');
  }
  if (!isListOfTexts(argv) || argv.length === 0) throw refuse('argv must be a list of texts');
  const paths = { workingDirectory, logPath, endPath, lockPath };
  if (!areAbsolutePaths(paths)) {
    throw refuse(`${Object.keys(paths).join(', ')} must be absolute paths`);
  }
  return { trial, argv, ...paths };
}

function readTaskFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw explainSystemError(error, { action: 'read', path }) ?? error;
  }
}

function parseObject(text: string): Partial<Record<keyof TrialTask, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Refused below.
  }
  throw refuse('it must be a JSON object');
}

function isListOfTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

function areAbsolutePaths<K extends string>(paths: Record<K, unknown>): paths is Record<K, string> {
  return Object.values(paths).every((path) => typeof path === 'string' && isAbsolute(path));
}

function refuse(reason: string): UsageError {
  return new UsageError(`cannot run a trial from this task: ${reason}`, {
    code: 'TRIAL_TASK_INVALID',
    remedy: 'start sweeps with npx nx run sweep:default, which writes the tasks itself',
  });
}
