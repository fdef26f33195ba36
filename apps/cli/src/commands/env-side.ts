import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DataError, sha256FileSync } from '@pixelis/core';
import { readRunEnvironment } from '@pixelis/experiment';
import {
  captureEnvironment,
  type CapturedEnvironment,
  comparableEnvironment,
  type ComparableEnvironment,
  environmentLockFile,
  type EnvironmentDifference,
  findEnvironmentLock,
  lockFileDifferences,
  readEnvironmentLock,
} from '@pixelis/reproducibility';
import { readSweepProgress } from '@pixelis/sweep';
import { runFolder } from '../run-folder';
import { DEFAULT_PROGRAM, programFolder, programFolders } from './env-program';

/** One of two environments that are compared. */
export interface NamedEnvironment {
  /** How it is called in the table. */
  readonly name: string;
  readonly environment: ComparableEnvironment;
  /** Whether it is the lock file of a package manager, which asks for packages alone. */
  readonly isLockFile: boolean;
  /** The present environment itself; null for what was recorded. */
  readonly captured: CapturedEnvironment | null;
}

const LOCK_FILES: readonly string[] = [
  'npm-shrinkwrap.json', 'package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock',
]; // prettier-ignore

/** The environment that is present for a program: the named one, that of the other environment, or else `train`. */
export function presentEnvironment(
  name: string | undefined,
  { environment }: NamedEnvironment,
): NamedEnvironment {
  const captured = captureEnvironment({
    level: 'standard',
    folder: programFolder(name ?? knownProgram(environment) ?? DEFAULT_PROGRAM),
  });
  return {
    name: 'present',
    environment: comparableEnvironment(captured),
    isLockFile: false,
    captured,
  };
}

/** What a program asks for: an environment lock in this folder or beside the lock file, or else the lock file. */
export function defaultEnvironment(name: string | undefined): NamedEnvironment {
  const folder = programFolder(name ?? DEFAULT_PROGRAM);
  const files = [...(name === undefined ? [] : [environmentLockFile(name)]), 'env.lock.json'];
  const here = files.find((file) => existsSync(file));
  if (here !== undefined) return recorded(here, readEnvironmentLock(here));
  const found = findEnvironmentLock(folder);
  if (found !== null) return recorded(found.file, found.lock);
  const locked = captureEnvironment({ level: 'standard', folder }).standard?.lock_file ?? null;
  const environment = { lock_file: locked };
  return { ...recorded(locked?.name ?? 'no lock file', environment), isLockFile: true };
}

/**
 * The environment that a word means: a file or folder of that path, or a run.
 *
 * @throws {UsageError} `RUN_UNKNOWN` or `RUN_AMBIGUOUS` if it is none.
 * @throws {DataError} `ENVIRONMENT_MISSING` if no environment is recorded there; `ENV_LOCK_INVALID`.
 */
export function namedEnvironment(word: string, root: string): NamedEnvironment {
  const kind = statSync(word, { throwIfNoEntry: false });
  if (kind?.isFile() === true) return ofFile(word);
  const lock = join(word, 'env.lock.json');
  if (kind?.isDirectory() === true && existsSync(lock))
    return recorded(word, readEnvironmentLock(lock));
  if (kind?.isDirectory() === true) refuseSweep(word, word);
  const folder = kind?.isDirectory() === true ? word : runFolder(root, word);
  const environment = readRunEnvironment(folder);
  if (environment === null) throw missingError(word);
  return recorded(basename(folder), environment);
}

/** What the lock file of a program has otherwise than it is installed, if it is that lock file. */
export function differencesFromLockFile(
  { environment }: NamedEnvironment,
  { captured }: NamedEnvironment,
): EnvironmentDifference[] {
  const standard = captured?.standard ?? null;
  const isOwn = standard?.lock_file?.sha256 === environment.lock_file?.sha256;
  return standard !== null && isOwn ? lockFileDifferences(standard) : [];
}

function ofFile(path: string): NamedEnvironment {
  const file = basename(path);
  if (LOCK_FILES.includes(file)) {
    const environment = { lock_file: { name: file, sha256: sha256FileSync(path) } };
    return { ...recorded(file, environment), isLockFile: true };
  }
  if (['manifest.json', 'sweep.json'].includes(file)) refuseSweep(path, dirname(path));
  const isOfRun = file === 'manifest.json' || file === 'environment.json';
  if (!isOfRun) return recorded(file, readEnvironmentLock(path));
  const environment = readRunEnvironment(dirname(path));
  if (environment === null) throw missingError(path);
  return recorded(basename(dirname(path)), environment);
}

/** Each trial of a sweep has an environment of its own. */
function refuseSweep(word: string, folder: string): void {
  const sweep = readSweepProgress(folder);
  if (sweep === undefined) return;
  throw new DataError(`${word} is of a sweep, whose trials each have an environment of their own`, {
    code: 'ENVIRONMENT_MISSING',
    remedy: `Name the run of a trial, such as ${sweep.tag}-0001.`,
  });
}

function recorded(name: string, environment: ComparableEnvironment): NamedEnvironment {
  return { name, environment, isLockFile: false, captured: null };
}

/** The program of a recorded environment, if it stands beside this one. */
function knownProgram({ program }: ComparableEnvironment): string | undefined {
  const name = program?.split('/').at(-1) ?? '';
  return program?.startsWith('@pixelis/') === true && programFolders().has(name) ? name : undefined;
}

function missingError(word: string): DataError {
  return new DataError(`${word} holds no environment of a run`, {
    code: 'ENVIRONMENT_MISSING',
    remedy: 'Name a run, the folder of one, its manifest, or an env.lock.json.',
  });
}
