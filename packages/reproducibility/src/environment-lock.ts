import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

import {
  DataError,
  EnvironmentError,
  explainSystemError,
  sha256,
  writeFileAtomicSync,
} from '@pixelis/core';

import {
  type ComparableBackend,
  comparableEnvironment,
  type ComparableEnvironment,
} from './comparable-environment';
import { captureEnvironment } from './environment';
import type { PackageVersions } from './installed-packages';
import type { LockFile } from './lock-file';

/**
 * The environment that a program is to run in, version 1 of the document: lock file, Node, system, and the versions of the
 * packages that the program needs. It holds no clock, no path and no name of user or host, so that equal environments give
 * equal files. What it leaves out is not asked for.
 */
export interface EnvironmentLock extends ComparableEnvironment {
  readonly env_lock_version: 1;
  /** What people call the environment, such as `train`. */
  readonly name: string | null;
}

/** Options of {@link captureEnvironmentLock}. */
export interface CaptureEnvironmentLockOptions {
  /** A folder of the program whose packages are locked. @default the current folder */
  readonly folder?: string;
  /** What people call the environment. @default none */
  readonly name?: string;
  /** What computes, to be asked for as well. @default nothing is asked for */
  readonly backend?: ComparableBackend;
  /** Version of the native library, to be asked for as well. @default nothing is asked for */
  readonly tensorflow?: string;
  /** Its `PATH` says where `nvidia-smi` is. @default the environment of the process */
  readonly env?: NodeJS.ProcessEnv;
}

/** The present environment as one to return to. CUDA is asked for where there is a GPU that has it. */
export function captureEnvironmentLock({
  folder,
  name,
  backend,
  tensorflow,
  env,
}: CaptureEnvironmentLockOptions = {}): EnvironmentLock {
  const captured = captureEnvironment({
    level: 'standard',
    ...(folder === undefined ? {} : { folder }),
    ...(env === undefined ? {} : { env }),
  });
  const present = comparableEnvironment(captured);
  return inOrder({
    ...present,
    env_lock_version: 1,
    name: name ?? null,
    cuda: present.cuda ?? undefined,
    backend,
    tensorflow,
  });
}

/**
 * Writes an environment lock, replacing a file that is there.
 *
 * @returns The SHA-256 of the file, in hexadecimal.
 * @throws {DataError} If it cannot be written.
 */
export function writeEnvironmentLock(path: string, lock: EnvironmentLock): string {
  const text = `${JSON.stringify(inOrder(lock), null, 2)}\n`;
  try {
    writeFileAtomicSync(path, text);
  } catch (error) {
    throw explainSystemError(error, { path }) ?? error;
  }
  return sha256(text);
}

/**
 * Reads an environment lock.
 *
 * @throws {DataError} `ENV_LOCK_INVALID` if it is none; or if it cannot be read.
 * @throws {EnvironmentError} `ENV_LOCK_LATER` if a later Pixelis wrote it.
 */
export function readEnvironmentLock(path: string): EnvironmentLock {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw explainSystemError(error, { path }) ?? error;
  }
  return parseEnvironmentLock(text, basename(path));
}

/** Parts of the document in the order in which they are written. */
const KEYS = [
  'env_lock_version', 'name', 'program', 'lock_file', 'node', 'platform', 'arch', 'backend', 'tensorflow', 'tfjs', 'cuda',
  'packages',
] as const satisfies (keyof EnvironmentLock)[]; // prettier-ignore

function inOrder(lock: EnvironmentLock): EnvironmentLock {
  const { env_lock_version, name, program, lock_file, node, platform, arch } = lock;
  const { backend, tensorflow, tfjs, cuda, packages } = lock;
  return { env_lock_version, name, program, lock_file, node, platform, arch, backend, tensorflow, tfjs, cuda, packages }; // prettier-ignore
}

function parseEnvironmentLock(text: string, file: string): EnvironmentLock {
  const invalid = (fault: string) =>
    new DataError(`${file} is no environment lock: ${fault}`, {
      code: 'ENV_LOCK_INVALID',
      remedy: 'restore it from a copy, or write it anew by pixelis env lock',
    });
  const value = parseJson(text);
  if (value === undefined) throw invalid('it is no JSON');
  if (!isRecord(value)) throw invalid('it is no object');
  const fields = fieldsOf(value);
  const version = fields.get('env_lock_version');
  if (typeof version === 'number' && Number.isInteger(version) && version > 1)
    throw new EnvironmentError(
      `${file} is an environment lock of version ${version}, later than 1`,
      {
        code: 'ENV_LOCK_LATER',
        remedy: 'use the version of Pixelis that wrote it, or write it anew by pixelis env lock',
      },
    );
  if (version !== 1) throw invalid('its env_lock_version is not 1');
  const unknown = [...fields.keys()].find((key) => !KEYS.some((known) => known === key));
  if (unknown !== undefined) throw invalid(`the key ${JSON.stringify(unknown)} is unknown`);
  const member = <T>(key: string, isValid: (value: unknown) => value is T): T | undefined => {
    const value = fields.get(key);
    if (value === undefined || isValid(value)) return value;
    throw invalid(`${key} is ${JSON.stringify(value)}`);
  };
  return inOrder({
    env_lock_version: 1,
    name: member('name', isTextOrNull) ?? null,
    program: member('program', isTextOrNull),
    lock_file: member('lock_file', isLockFile),
    node: member('node', isText),
    platform: member('platform', isText),
    arch: member('arch', isText),
    backend: member('backend', isBackend),
    tensorflow: member('tensorflow', isTextOrNull),
    tfjs: member('tfjs', isTextOrNull),
    cuda: member('cuda', isTextOrNull),
    packages: member('packages', isVersions),
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(isRecord(value) ? Object.entries(value) : []);
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || isText(value);
}

function isVersions(value: unknown): value is PackageVersions {
  return isRecord(value) && Object.values(value).every(isText);
}

function isLockFile(value: unknown): value is LockFile | null {
  if (value === null) return true;
  const fields = fieldsOf(value);
  const hash = fields.get('sha256');
  return isText(fields.get('name')) && typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash);
}

function isBackend(value: unknown): value is ComparableBackend | null {
  if (value === null) return true;
  const fields = fieldsOf(value);
  const threads = fields.get('threads') ?? null;
  return (
    isText(fields.get('name')) &&
    isTextOrNull(fields.get('version') ?? null) &&
    (threads === null || (Number.isInteger(threads) && Number(threads) >= 1))
  );
}
