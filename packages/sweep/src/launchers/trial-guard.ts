/**
 * Preloaded into the program of a trial by the process that watches it (`trial-process.ts`). Holds the trial's second lock as long
 * as the program lives, and stops the program, as a SIGTERM would, when that process is gone: nobody else could tell it to.
 * Lets no program begin beside one that still holds that lock, which was begun by a process that was killed at once. Leaves no trace in what the program sees of its environment.
 */
import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import { acquireFileLock } from '@pixelis/core';
import { PROGRAM_LOCK_VARIABLE, WATCHER_DESCRIPTOR } from './trial-locks';

/** Exit code of a program that SIGTERM stopped: the trial is started again. */
const STOPPED = 143;

const position = process.execArgv.indexOf(__filename);
if (position > 0) process.execArgv.splice(position - 1, 2);
const lockPath = process.env[PROGRAM_LOCK_VARIABLE];
// A worker thread inherits the preload, but not the duty.
if (isMainThread && lockPath !== undefined) guard(lockPath);

function guard(path: string): void {
  Reflect.deleteProperty(process.env, PROGRAM_LOCK_VARIABLE);
  if (acquireFileLock(path) === undefined) {
    process.stderr.write('an earlier process of this trial has not ended yet\n');
    process.exit(STOPPED);
  }
  const watcher = new Socket({ fd: WATCHER_DESCRIPTOR, readable: true, writable: false });
  // A connection that is broken is one that has ended.
  watcher.on('error', () => undefined);
  watcher.once('close', stop);
  watcher.resume();
  watcher.unref();
}

function stop(): void {
  if (!process.emit('SIGTERM', 'SIGTERM')) process.exit(STOPPED);
}
