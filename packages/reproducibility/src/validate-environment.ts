import { statfsSync } from 'node:fs';
import { totalmem } from 'node:os';

import { EnvironmentError } from '@pixelis/core';
import { satisfies, validRange } from 'semver';

import { readResourceLimits } from './environment-limits';
import { type GpuInfo, readGpuInfo } from './gpu-info';
import { installedVersion } from './installed-packages';

const BYTES_PER_GB = 1e9;

/** What a program needs. A range is one of npm, such as `^4.22.0` or `>=20.19 <23`; a GB is 10^9 bytes. */
export interface EnvironmentRequirements {
  /** Packages by name with a range, or names alone. */
  readonly packages?: Readonly<Record<string, string>> | readonly string[];
  readonly node?: string;
  /** That at least one GPU must have. */
  readonly minGpuMemoryGb?: number;
  /** That the GPU's driver must support, such as `12.4`. */
  readonly minCudaVersion?: string;
  /** That the process may use: of the machine, or of the container if that is less. */
  readonly minMemoryGb?: number;
  /** Free on the disk of the folder. */
  readonly minDiskGb?: number;
  /** One or several of `linux`, `darwin`, `win32` …, as Node names them. */
  readonly platform?: string | readonly string[];
}

/** Where {@link validateEnvironment} looks. */
export interface ValidateEnvironmentOptions {
  /** The folder whose packages and disk count. @default the current folder */
  readonly folder?: string;
  /** Its `PATH` says where `nvidia-smi` is. @default the environment of the process */
  readonly env?: NodeJS.ProcessEnv;
}

/** One requirement that is not met. */
export interface EnvironmentMiss {
  /** Such as `packages.@tensorflow/tfjs-core` or `min_gpu_memory_gb`. */
  readonly requirement: string;
  readonly wanted: string;
  /** Null where there is nothing of the kind. */
  readonly found: string | null;
  /** One line that says how to mend it. */
  readonly remedy: string;
}

/**
 * Every requirement that this machine and installation do not meet; none if the list is empty.
 *
 * @throws {RangeError} If a requirement itself makes no sense: a range that is none, a number below zero.
 */
export function validateEnvironment(
  requirements: EnvironmentRequirements,
  { folder = process.cwd(), env = process.env }: ValidateEnvironmentOptions = {},
): EnvironmentMiss[] {
  checkRequirements(requirements);
  const { node, minGpuMemoryGb, minCudaVersion } = requirements;
  const misses = [...packageMisses(requirements, folder), ...machineMisses(requirements, folder)];
  if (node !== undefined && !satisfies(process.versions.node, node, { includePrerelease: true })) {
    const remedy = `install Node ${node}, for instance with nvm, and run the program with it`;
    misses.push({ requirement: 'node', wanted: node, found: process.versions.node, remedy });
  }
  if (minGpuMemoryGb !== undefined || minCudaVersion !== undefined) {
    misses.push(...gpuMisses(requirements, readGpuInfo({ env })));
  }
  return misses;
}

/**
 * Passes if the machine and the installation meet every requirement.
 *
 * @throws {EnvironmentError} `ENVIRONMENT_UNFIT`, naming all that is missing with a remedy for each.
 * @throws {RangeError} As {@link validateEnvironment}.
 */
export function requireEnvironment(
  requirements: EnvironmentRequirements,
  options: ValidateEnvironmentOptions = {},
): void {
  const misses = validateEnvironment(requirements, options);
  if (misses.length === 0) return;
  const lines = misses.map(({ requirement, wanted, found }) => {
    return `${requirement} must be ${wanted}: found ${found ?? 'none'}`;
  });
  throw new EnvironmentError(`the environment does not do: ${lines.join('; ')}`, {
    code: 'ENVIRONMENT_UNFIT',
    remedy: [...new Set(misses.map(({ remedy }) => remedy))].join('; '),
  });
}

function packageMisses(
  { packages = {} }: EnvironmentRequirements,
  folder: string,
): EnvironmentMiss[] {
  return rangesOf(packages).flatMap(([name, range]): EnvironmentMiss[] => {
    const found = installedVersion(name, folder);
    if (found !== null && satisfies(found, range, { includePrerelease: true })) return [];
    const wanted = range === '*' ? 'any version' : range;
    const remedy = `npm install ${range === '*' ? name : `"${name}@${range}"`}`;
    return [{ requirement: `packages.${name}`, wanted, found, remedy }];
  });
}

function gpuMisses(
  { minGpuMemoryGb, minCudaVersion }: EnvironmentRequirements,
  gpu: GpuInfo | null,
): EnvironmentMiss[] {
  const misses: EnvironmentMiss[] = [];
  const absent =
    'use a machine with an NVIDIA GPU, its driver installed and nvidia-smi on the PATH';
  const largest = Math.max(0, ...(gpu?.devices ?? []).map(({ memory_bytes }) => memory_bytes ?? 0));
  if (minGpuMemoryGb !== undefined && largest < minGpuMemoryGb * BYTES_PER_GB) {
    misses.push({
      requirement: 'min_gpu_memory_gb',
      wanted: `>= ${minGpuMemoryGb} GB`,
      found: largest === 0 ? null : gigabytes(largest),
      remedy: gpu === null ? absent : 'use a GPU with more memory, or a smaller batch or model',
    });
  }
  const cuda = gpu?.cuda_version ?? null;
  if (minCudaVersion !== undefined && (cuda === null || isOlder(cuda, minCudaVersion))) {
    misses.push({
      requirement: 'min_cuda_version',
      wanted: `>= ${minCudaVersion}`,
      found: cuda,
      remedy:
        gpu === null ? absent : `install an NVIDIA driver that supports CUDA ${minCudaVersion}`,
    });
  }
  return misses;
}

function machineMisses(
  { minMemoryGb, minDiskGb, platform }: EnvironmentRequirements,
  folder: string,
): EnvironmentMiss[] {
  const misses: EnvironmentMiss[] = [];
  const memory = Math.min(totalmem(), readResourceLimits().memory_bytes ?? Infinity);
  if (minMemoryGb !== undefined && memory < minMemoryGb * BYTES_PER_GB) {
    misses.push({
      requirement: 'min_memory_gb',
      wanted: `>= ${minMemoryGb} GB`,
      found: gigabytes(memory),
      remedy: 'use a machine with more memory, or raise the limit of the container or job',
    });
  }
  const disk = minDiskGb === undefined ? Infinity : freeBytes(folder);
  if (minDiskGb !== undefined && disk < minDiskGb * BYTES_PER_GB) {
    misses.push({
      requirement: 'min_disk_gb',
      wanted: `>= ${minDiskGb} GB free`,
      found: gigabytes(disk),
      remedy: 'free some space, or choose a folder on another disk',
    });
  }
  const platforms = typeof platform === 'string' ? [platform] : (platform ?? [process.platform]);
  if (!platforms.includes(process.platform)) {
    misses.push({
      requirement: 'platform',
      wanted: platforms.join(' or '),
      found: process.platform,
      remedy: `run it on ${platforms.join(' or ')}, for instance in a container`,
    });
  }
  return misses;
}

function checkRequirements(requirements: EnvironmentRequirements): void {
  const { packages = {}, node, minCudaVersion } = requirements;
  const ranges = [...rangesOf(packages), ['node', node ?? '*'] as const];
  for (const [name, range] of ranges) {
    if (validRange(range) === null) refuse(name, 'a range of versions such as ^1.2.0', range);
  }
  if (minCudaVersion !== undefined && !/^\d+(?:\.\d+){0,2}$/.test(minCudaVersion)) {
    refuse('minCudaVersion', 'a version such as 12.4', minCudaVersion);
  }
  for (const name of ['minGpuMemoryGb', 'minMemoryGb', 'minDiskGb'] as const) {
    const value = requirements[name] ?? 0;
    if (!Number.isFinite(value) || value < 0) refuse(name, '>= 0 and finite', String(value));
  }
}

function refuse(name: string, wanted: string, value: string): never {
  throw new RangeError(
    `Cannot validate the environment: ${name} must be ${wanted}: current value is ${JSON.stringify(value)}`,
  );
}

function rangesOf(
  packages: Readonly<Record<string, string>> | readonly string[],
): [string, string][] {
  return isList(packages) ? packages.map((name) => [name, '*']) : Object.entries(packages);
}

function isList(value: object): value is readonly string[] {
  return Array.isArray(value);
}

function isOlder(version: string, wanted: string): boolean {
  const parts = version.split('.').map(Number);
  const wantedParts = wanted.split('.').map(Number);
  const index = wantedParts.findIndex((part, at) => part !== (parts[at] ?? 0));
  return index !== -1 && (parts[index] ?? 0) < (wantedParts[index] ?? 0);
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Rounded down, so that what is too little never looks enough. */
function gigabytes(bytes: number): string {
  return `${Math.floor((bytes / BYTES_PER_GB) * 10) / 10} GB`;
}
