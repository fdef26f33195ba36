import { type ContainerInfo, readContainer } from './container-info';
import { type JobInfo, readJob } from './environment-job';
import { readResourceLimits, type ResourceLimits } from './environment-limits';
import { type ProcessInfo, readProcess } from './environment-process';
import { type EnvironmentWarning, environmentWarnings } from './environment-warnings';
import { type GitChanges, readGitChanges } from './git-changes';
import { type GitState, readGitState } from './git-state';
import { type GpuInfo, readGpuInfo } from './gpu-info';
import {
  allPackages,
  type PackageDifference,
  type PackageVersions,
  productionPackages,
} from './installed-packages';
import { type LockFile, readLockFile } from './lock-file';
import { getSystemInfo, type SystemInfo } from './system-info';

/** How much of the environment is captured: each level holds what the one before it does, and more. */
export type CaptureLevel = 'basic' | 'standard' | 'complete';

/** Options of {@link captureEnvironment}. */
export interface CaptureEnvironmentOptions {
  /** @default 'basic' */
  readonly level?: CaptureLevel;
  /** A folder of the code whose checkout and packages are captured. @default the current folder */
  readonly folder?: string;
  /** The arguments of the program. @default those of the process */
  readonly argv?: readonly string[];
  /** The environment variables. @default those of the process */
  readonly env?: NodeJS.ProcessEnv;
}

/** What the level `standard` adds. */
export interface StandardFacts {
  /** Name of the package that the program belongs to; null where none says one. */
  readonly program: string | null;
  /** That of the nearest folder that has one, from `folder` upwards. */
  readonly lock_file: LockFile | null;
  /** The packages that the program needs, at any depth, with the versions that are really installed. */
  readonly packages: PackageVersions;
  /** Those of them that the lock file has otherwise. */
  readonly package_differences: readonly PackageDifference[];
  readonly limits: ResourceLimits;
  readonly gpu: GpuInfo | null;
  readonly container: ContainerInfo | null;
  readonly job: JobInfo | null;
  readonly process: ProcessInfo;
}

/** What the level `complete` adds. */
export interface CompleteFacts {
  /** Null where there is no checkout. */
  readonly changes: GitChanges | null;
  /** Every package that the code could load, tools of its development included. */
  readonly all_packages: PackageVersions;
}

/**
 * The environment of a run. All but {@link CapturedEnvironment.diff} is what a run's `environment.json` holds. Equal
 * environments give equal captures: there is no clock in it.
 */
export interface CapturedEnvironment {
  readonly level: CaptureLevel;
  readonly system: SystemInfo;
  readonly git: GitState;
  /** What may keep others from the same result; for the user to see. */
  readonly warnings: readonly EnvironmentWarning[];
  /** Null at level `basic`. */
  readonly standard: StandardFacts | null;
  /** Null below level `complete`. */
  readonly complete: CompleteFacts | null;
  /**
   * The changes of tracked files that no commit holds, as git prints them, without secrets; for a file of its own,
   * `environment.diff`. Null below level `complete`, and where there is no commit.
   */
  readonly diff: string | null;
}

/**
 * Captures the environment of a run: the system and the state of the git checkout that holds `folder`; at level `standard`
 * also the packages with their lock file, limits, GPUs, container, job, arguments and some environment variables; at level
 * `complete` also the changes that no commit holds and every installed package. It names neither user nor host and no folder
 * of this machine, and secrets are taken out. It calls git and, at level `standard`, `nvidia-smi`.
 */
export function captureEnvironment({
  level = 'basic',
  folder = process.cwd(),
  argv = process.argv,
  env = process.env,
}: CaptureEnvironmentOptions = {}): CapturedEnvironment {
  const git = readGitState(folder);
  const standard = level === 'basic' ? null : captureStandard({ folder, argv, env });
  const found = level === 'complete' ? readGitChanges(folder) : null;
  const complete =
    level === 'complete'
      ? { changes: found?.changes ?? null, all_packages: allPackages(folder) }
      : null;
  return {
    level,
    system: getSystemInfo({ folder }),
    git,
    warnings: environmentWarnings({ git, standard, complete }),
    standard,
    complete,
    diff: found?.diff ?? null,
  };
}

function captureStandard({
  folder,
  argv,
  env,
}: Required<Omit<CaptureEnvironmentOptions, 'level'>>): StandardFacts {
  const locked = readLockFile(folder);
  const { program, versions, differences } = productionPackages(folder, locked);
  return {
    program,
    lock_file: locked?.file ?? null,
    packages: versions,
    package_differences: differences,
    limits: readResourceLimits(),
    gpu: readGpuInfo({ env }),
    container: readContainer({ env }),
    job: readJob(env),
    process: readProcess({ argv, env }),
  };
}
