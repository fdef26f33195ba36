import { spawnSync } from 'node:child_process';
import { EnvironmentError, writeFileAtomicSync } from '@pixelis/core';
import { compileAddon } from '@pixelis/native';
import { BINDING_SOURCE, bindingPath, libraryVersionPath, loadBinding } from './mpi-binding';

/** Compiles C++ programs for the MPI that is installed, and tells how it does so; all implementations have it. */
const WRAPPER = 'mpicxx';

/** What {@link buildBinding} made. */
export interface BuiltBinding {
  /** The compiled binding. */
  readonly path: string;
  /** Name and version of the MPI library that it was built against. */
  readonly library: string;
}

/**
 * Builds the MPI binding against the MPI that is installed, and loads it once. It lies in Pixelis's cache folder, which
 * `npm ci` leaves alone.
 *
 * @throws {EnvironmentError} `MPI_MISSING` if there is no MPI to build against; `COMPILER_MISSING`,
 * `COMPILATION_FAILED` or `MPI_UNLOADABLE` if it cannot be built or loaded.
 * @throws {DataError} If the cache folder cannot be written.
 */
export async function buildBinding(): Promise<BuiltBinding> {
  const { compiler, includes, libraries } = wrapperFlags();
  const path = await compileAddon({
    name: 'mpi_binding',
    sources: [BINDING_SOURCE],
    output: bindingPath(),
    compiler,
    includes,
    libraries,
    rpath: libraries.flatMap((flag) => (flag.startsWith('-L') ? [flag.slice(2)] : [])),
  });
  const library = loadBinding(path).libraryVersion();
  writeFileAtomicSync(libraryVersionPath(), library);
  return { path, library };
}

interface WrapperFlags {
  readonly compiler: [string];
  readonly includes: readonly string[];
  readonly libraries: readonly string[];
}

function wrapperFlags(): WrapperFlags {
  const { status, stdout } = spawnSync(WRAPPER, ['-show'], {
    encoding: 'utf8',
    env: process.env,
  });
  const [compiler, ...flags] = status === 0 ? stdout.trim().split(/\s+/) : [];
  if (compiler === undefined) {
    throw new EnvironmentError(
      `There is no MPI to build against: ${WRAPPER} ${status === null ? 'is not found' : `-show gives ${status}`}`,
      {
        code: 'MPI_MISSING',
        remedy:
          'install an MPI with its headers, on Debian: apt-get install libopenmpi-dev openmpi-bin',
      },
    );
  }
  const isInclude = (flag: string) => flag.startsWith('-I');
  return {
    compiler: [compiler],
    includes: flags.filter(isInclude).map((flag) => flag.slice(2)),
    libraries: flags.filter((flag) => !isInclude(flag)),
  };
}
