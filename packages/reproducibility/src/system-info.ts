import { arch, availableParallelism, cpus, endianness, platform, release, totalmem } from 'node:os';

import { type ContainerKind, containerKind } from './container-info';
import { installedPackages } from './installed-packages';

/** The machine and the software that a program ran on, as far as its numbers may depend on them; plain JSON. */
export interface SystemInfo {
  /** Operating system, as Node names it: `linux`, `darwin`, `win32`. */
  readonly platform: string;
  readonly release: string;
  /** Processor architecture, as Node names it: `x64`, `arm64`. */
  readonly arch: string;
  readonly endianness: 'BE' | 'LE';
  /** `model` is null where the system does not tell; `available` may be less than `count` in a container. */
  readonly cpu: {
    readonly model: string | null;
    readonly count: number;
    readonly available: number;
  };
  readonly memory_bytes: number;
  readonly container: ContainerKind | null;
  readonly node: string;
  readonly v8: string;
  readonly timezone: string;
  readonly locale: string;
  /** Versions of the installed packages of the scopes `@pixelis` and `@tensorflow`. */
  readonly packages: Readonly<Record<string, string>>;
}

/** Options of {@link getSystemInfo}. */
export interface SystemInfoOptions {
  /** A folder of the code whose installed packages are listed. @default the current folder */
  readonly folder?: string;
}

/**
 * Describes the machine and the software in use. It holds no name of user or host, no path and no environment variable, so
 * that it can be published with a run.
 */
export function getSystemInfo({ folder = process.cwd() }: SystemInfoOptions = {}): SystemInfo {
  const processors = cpus();
  const { timeZone, locale } = new Intl.DateTimeFormat().resolvedOptions();
  return {
    platform: platform(),
    release: release(),
    arch: arch(),
    endianness: endianness(),
    cpu: {
      model: processors[0]?.model.trim() || null,
      count: processors.length,
      available: availableParallelism(),
    },
    memory_bytes: totalmem(),
    container: containerKind(),
    node: process.versions.node,
    v8: process.versions.v8,
    timezone: timeZone,
    locale,
    packages: installedPackages([folder, __dirname]),
  };
}
