import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import { sha256 } from './sha256';
import { isSystemError } from './system-error';

/** Names one process among all that ever ran anywhere, as far as the system tells. */
export interface ProcessIdentity {
  readonly hostname: string;
  /** SHA-256 of Linux's id of this installation, which stays secret itself; null where there is none. */
  readonly machineId: string | null;
  /** Linux's random id of this boot; null elsewhere. */
  readonly bootId: string | null;
  /** Linux's name of the namespace in which `pid` counts; null elsewhere. */
  readonly pidNamespace: string | null;
  readonly pid: number;
  /** When the process began, in clock ticks since the boot; null where the system does not say. */
  readonly processStart: string | null;
}

/** What is known of a process: `unknown` where it cannot be looked at from here. */
export type ProcessFate = 'alive' | 'dead' | 'unknown';

/** Leeway between the clock's account of the boot and a file's time. */
const BOOT_LEEWAY_MS = 60_000;

export function identityOfThisProcess(): ProcessIdentity {
  return {
    hostname: hostname(),
    machineId: orNull(readMachineId),
    bootId: orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: orNull(() => readlinkSync('/proc/self/ns/pid')),
    pid: process.pid,
    processStart: lookUp(process.pid)?.start ?? null,
  };
}

/**
 * Whether a process still runs. It is called dead only on proof: this machine has been started anew since; or, seen
 * from the same boot and namespace, it is gone, or its number belongs to a process with another start, or its last sign
 * of life is older than the boot.
 *
 * @param lastSignMs When the process was last known to live, in milliseconds since the epoch.
 */
export function fateOf(identity: ProcessIdentity, lastSignMs: number): ProcessFate {
  const self = identityOfThisProcess();
  if (isOfEarlierBoot(identity, self)) return 'dead';
  if (identity.bootId !== self.bootId || identity.pidNamespace !== self.pidNamespace)
    return 'unknown';
  if (self.bootId === null && identity.hostname !== self.hostname) return 'unknown';
  const found = lookUp(identity.pid);
  if (found === undefined) return exists(identity.pid) ? fateByBoot(lastSignMs) : 'dead';
  return found.isEnded || found.start !== identity.processStart ? 'dead' : 'alive';
}

/** Name and id must both agree, since copies of an installation share its id and unrelated machines a name. */
function isOfEarlierBoot(identity: ProcessIdentity, self: ProcessIdentity): boolean {
  if (identity.machineId === null || identity.bootId === null || self.bootId === null) return false;
  const isSameMachine =
    identity.machineId === self.machineId && identity.hostname === self.hostname;
  return isSameMachine && identity.bootId !== self.bootId;
}

function fateByBoot(lastSignMs: number): ProcessFate {
  const bootMs = Date.now() - uptime() * 1000;
  return lastSignMs < bootMs - BOOT_LEEWAY_MS ? 'dead' : 'alive';
}

/** Fields 3 and 22 of proc_pid_stat(5); they are counted from behind the program's name, which may hold anything. */
function lookUp(pid: number): { start: string; isEnded: boolean } | undefined {
  const stat = orNull(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  if (stat === null) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields[0], fields[19]];
  if (state === undefined || start === undefined) return undefined;
  return { start, isEnded: state === 'Z' || state === 'X' };
}

/** See machine-id(5); an image that was never started holds none. */
function readMachineId(): string | null {
  const id = readFileSync('/etc/machine-id', 'utf8').trim();
  return /^[0-9a-f]{32}$/.test(id) ? sha256(id) : null;
}

/** Signal 0 reaches nobody; a process of somebody else answers EPERM. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(isSystemError(error) && error.code === 'ESRCH');
  }
}

function orNull(read: () => string | null): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
