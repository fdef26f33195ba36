import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { type EnvironmentLock, readEnvironmentLock } from './environment-lock';
import { programName } from './installed-packages';
import { readLockFile } from './lock-file';

/** An environment lock that holds for a program. */
export interface FoundEnvironmentLock {
  /** Name of the file, without its folder. */
  readonly file: string;
  readonly lock: EnvironmentLock;
}

/** The file of the lock of one program alone, without the scope of its name, or of all: `env.train.lock.json`, `env.lock.json`. */
export function environmentLockFile(program: string | null): string {
  const name = program?.split('/').at(-1) ?? '';
  return name === '' ? 'env.lock.json' : `env.${name}.lock.json`;
}

/**
 * The environment lock of the program in `folder`, which stands beside the lock file of its package manager: its own, or else
 * that of all programs; null if there is none.
 *
 * @throws {DataError} As `readEnvironmentLock`.
 */
export function findEnvironmentLock(folder: string): FoundEnvironmentLock | null {
  const beside = readLockFile(folder)?.folder;
  if (beside === undefined) return null;
  const files = [environmentLockFile(programName(folder)), environmentLockFile(null)];
  const file = files.find((name) => existsSync(join(beside, name)));
  return file === undefined ? null : { file, lock: readEnvironmentLock(join(beside, file)) };
}
