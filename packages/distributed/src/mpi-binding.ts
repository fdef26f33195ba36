import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError, sha256 } from '@pixelis/core';
import { nativeCacheDirectory } from '@pixelis/native';

/** The source of the binding, which ships with the package. */
export const BINDING_SOURCE = join(__dirname, '..', 'binding', 'mpi-binding.cc');

/** The one command that builds it. */
const BUILD_COMMAND = 'npx nx run distributed:mpi';

/** What the compiled binding exports; see `binding/mpi-binding.cc`. Every call blocks until it is done. */
export interface MpiBinding {
  /** Name and version of the MPI library; can be asked at any time. */
  libraryVersion(): string;
  /** Enters the world; once a process. */
  init(): MpiRank;
  send(bytes: Uint8Array, to: number): void;
  receive(bytes: Uint8Array, from: number): void;
  broadcast(bytes: Uint8Array, from: number): void;
  barrier(): void;
  finalize(): void;
  /** Ends all processes of the world with an exit code. */
  abort(code: number): void;
}

/** What MPI says of this process. */
export interface MpiRank {
  readonly rank: number;
  readonly size: number;
  readonly localRank: number;
  /** Name of the machine. */
  readonly processor: string;
}

const FUNCTIONS: readonly (keyof MpiBinding)[] = [
  'libraryVersion',
  'init',
  'send',
  'receive',
  'broadcast',
  'barrier',
  'finalize',
  'abort',
];

/** Where the binding of this version of the package is built for this platform, outside of `node_modules`. */
function bindingFolder(): string {
  const source = sha256(readFileSync(BINDING_SOURCE)).slice(0, 12);
  const build = `${process.platform}-${process.arch}-${source}`;
  return join(nativeCacheDirectory(), 'mpi', build);
}

/** Its file. */
export function bindingPath(): string {
  return join(bindingFolder(), 'mpi_binding.node');
}

/** Beside it: name and version of the MPI library that it was built against. */
export function libraryVersionPath(): string {
  return join(bindingFolder(), 'mpi-library.txt');
}

/**
 * Sees to it that the binding is built.
 *
 * @throws {EnvironmentError} `MPI_BINDING_MISSING` if it is not.
 */
export function requireMpiBinding(): void {
  if (existsSync(bindingPath()) && existsSync(libraryVersionPath())) return;
  throw new EnvironmentError('The MPI binding is not built on this machine', {
    code: 'MPI_BINDING_MISSING',
    remedy: `run ${BUILD_COMMAND}`,
  });
}

/**
 * Loads the binding that was built for this machine.
 *
 * @throws {EnvironmentError} `MPI_BINDING_MISSING` if there is none, `MPI_UNLOADABLE` if the MPI library cannot be
 * loaded or is another than it was built against.
 */
export function loadMpiBinding(): MpiBinding {
  requireMpiBinding();
  const binding = loadBinding(bindingPath());
  const built = readFileSync(libraryVersionPath(), 'utf8');
  const found = binding.libraryVersion();
  if (found === built) return binding;
  throw new EnvironmentError(`The MPI binding was built against ${built}, but ${found} is here`, {
    code: 'MPI_UNLOADABLE',
    remedy: `run ${BUILD_COMMAND} again`,
  });
}

/** Loads a compiled binding from a file. */
export function loadBinding(path: string): MpiBinding {
  const module: { exports: unknown } = { exports: {} };
  try {
    // Plug-ins of MPI libraries look for the library's symbols among the global ones.
    process.dlopen(module, path, constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_GLOBAL);
  } catch (cause) {
    throw new EnvironmentError(`The MPI binding cannot be loaded: ${String(cause)}`, {
      code: 'MPI_UNLOADABLE',
      remedy: `see that the MPI library is installed, and run ${BUILD_COMMAND} again`,
      cause,
    });
  }
  if (isMpiBinding(module.exports)) return module.exports;
  throw new TypeError(`Cannot load the MPI binding: ${path} must export ${FUNCTIONS.join(', ')}`);
}

function isMpiBinding(value: unknown): value is MpiBinding {
  if (typeof value !== 'object' || value === null) return false;
  return FUNCTIONS.every((name) => typeof Reflect.get(value, name) === 'function');
}
