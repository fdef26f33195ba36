import { randomUUID } from 'node:crypto';
import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { temporaryBeside, writeFileAtomicSync } from './atomic-file';
import { fateOf, identityOfThisProcess, type ProcessIdentity } from './process-identity';
import { explainSystemError, isSystemError } from './system-error';

/** How {@link inspectFileLock} judges. */
export interface InspectFileLockOptions {
  /**
   * Age of the last heartbeat, in milliseconds, from which a holder that cannot be looked at from here (another
   * machine or container) counts as dead. Default: 600,000, ten minutes.
   */
  staleAfterMs?: number;
}

/** How {@link acquireFileLock} judges and holds. */
export interface AcquireFileLockOptions extends InspectFileLockOptions {
  /** Time between two heartbeats, in milliseconds. Default: 10,000. */
  heartbeatMs?: number;
}

/** What a lock file says. A held lock whose file is not yet written, or damaged, names no holder. */
export interface FileLockInspection {
  readonly state: 'free' | 'held' | 'dead';
  /** Whether the holder was seen to run; a held lock's holder may also be one that cannot be looked at from here. */
  readonly isProvedAlive: boolean;
  readonly holder?: ProcessIdentity;
}

const STALE_AFTER_MS = 600_000;
const HEARTBEAT_MS = 10_000;

/** A lock that this process holds until {@link FileLock.release}, or until it ends. */
export class FileLock {
  readonly path: string;
  readonly #content: string;
  readonly #heart: NodeJS.Timeout;

  /** @internal Use {@link acquireFileLock}. */
  constructor(path: string, content: string, heartbeatMs: number) {
    this.path = path;
    this.#content = content;
    this.#heart = setInterval(() => this.#beat(), heartbeatMs).unref();
  }

  /** Whether the file still names this lock: false once released, or if somebody removed the file. */
  isHeld(): boolean {
    return readIfThere(this.path) === this.#content;
  }

  /** Gives the lock back. A second call does nothing. */
  release(): void {
    clearInterval(this.#heart);
    if (this.isHeld()) rmSync(this.path, { force: true });
  }

  #beat(): void {
    if (!this.isHeld()) {
      clearInterval(this.#heart);
      return;
    }
    const now = new Date();
    try {
      utimesSync(this.path, now, now);
    } catch {
      // A missed beat is made up for by the next one.
    }
  }
}

/**
 * Who holds a lock file, without touching it. A holder counts as dead only when that is proved: same machine but an
 * earlier boot, or same boot and process namespace and no such process or one that began at another time. One that
 * cannot be looked at from here counts as dead when its heartbeat is older than `staleAfterMs`.
 */
export function inspectFileLock(
  path: string,
  { staleAfterMs = STALE_AFTER_MS }: InspectFileLockOptions = {},
): FileLockInspection {
  const content = readIfThere(path);
  const lastBeatMs = modifiedMsIfThere(path);
  if (content === undefined || lastBeatMs === undefined)
    return { state: 'free', isProvedAlive: false };
  const holder = parseHolder(content);
  const fate = holder === undefined ? 'unknown' : fateOf(holder, lastBeatMs);
  const isStale = fate === 'unknown' && Date.now() - lastBeatMs > staleAfterMs;
  const state = fate === 'dead' || isStale ? 'dead' : 'held';
  const isProvedAlive = fate === 'alive';
  return holder === undefined ? { state, isProvedAlive } : { state, isProvedAlive, holder };
}

/**
 * Takes the lock at `path`, whose folder must exist, for this process; undefined if somebody holds it. Of processes
 * that try at once, at most one succeeds, and a dead holder's lock is taken over.
 *
 * A free lock is taken by a hard link to a file that is written already, or by creating its file exclusively where there
 * are no links. A dead one is replaced only by who holds the lock `<path>.takeover`, and after looking again: otherwise a
 * second process that saw the same dead holder could put aside the lock of the first.
 *
 * @throws {DataError} If the file cannot be written.
 */
export function acquireFileLock(
  path: string,
  options: AcquireFileLockOptions = {},
): FileLock | undefined {
  const content = describeThisProcess();
  let isTaken = createExclusively(path, content);
  while (!isTaken) {
    const { state } = inspectFileLock(path, options);
    if (state === 'held') return undefined;
    if (state === 'free') isTaken = createExclusively(path, content);
    else if (takeOver(path, content, options)) isTaken = true;
    else return undefined;
  }
  return new FileLock(path, content, options.heartbeatMs ?? HEARTBEAT_MS);
}

function takeOver(path: string, content: string, options: AcquireFileLockOptions): boolean {
  const guard = acquireFileLock(`${path}.takeover`, options);
  if (guard === undefined) return false;
  try {
    if (inspectFileLock(path, options).state !== 'dead') return false;
    writeFileAtomicSync(path, content);
    return true;
  } finally {
    guard.release();
  }
}

/** A killed process never leaves a lock without its name: the file is written beside, and put in place by a link. */
function createExclusively(path: string, content: string): boolean {
  const temporary = temporaryBeside(path);
  try {
    writeFileSync(temporary, content, { flag: 'wx' });
    return linkInPlace(temporary, path) ?? createInPlace(path, content);
  } catch (error) {
    throw explainSystemError(error, { action: 'lock', path }) ?? error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Whether the place was free; undefined where no link can be made. */
function linkInPlace(temporary: string, path: string): boolean | undefined {
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    // A network file system may lose the answer, so that our own link is there, or in the way of a second attempt.
    if (statSync(temporary).nlink > 1) return true;
    // File systems without links say so in many ways, EISDIR on Windows among them; what else is wrong the file itself will tell.
    return error.code === 'EEXIST' ? false : undefined;
  }
}

/** Whoever is killed between the two steps leaves an empty lock, which counts as held until it is stale. */
function createInPlace(path: string, content: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx');
  } catch (error) {
    if (isSystemError(error) && error.code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(file, content);
    return true;
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** A random token makes every acquisition's content different. */
function describeThisProcess(): string {
  const { hostname, machineId, bootId, pidNamespace, pid, processStart } = identityOfThisProcess();
  return JSON.stringify({
    hostname,
    machine_id: machineId,
    boot_id: bootId,
    pid_namespace: pidNamespace,
    pid,
    process_start: processStart,
    token: randomUUID(),
  });
}

function parseHolder(content: string): ProcessIdentity | undefined {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { hostname, machine_id, boot_id, pid_namespace, pid, process_start } = Object.fromEntries(
    Object.entries(value),
  );
  if (typeof hostname !== 'string' || !Number.isSafeInteger(pid) || typeof pid !== 'number') {
    return undefined;
  }
  if (!isTextOrNull(machine_id) || !isTextOrNull(boot_id)) return undefined;
  if (!isTextOrNull(pid_namespace) || !isTextOrNull(process_start)) {
    return undefined;
  }
  return {
    hostname,
    machineId: machine_id,
    bootId: boot_id,
    pidNamespace: pid_namespace,
    pid,
    processStart: process_start,
  };
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined;
    throw explainSystemError(error, { action: 'lock', path }) ?? error;
  }
}

function modifiedMsIfThere(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
