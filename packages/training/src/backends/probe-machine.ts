import { getSystemInfo, readGpuInfo, readResourceLimits } from '@pixelis/reproducibility';
import { availableParallelism } from 'node:os';

/** What the backends have to run on. */
export interface MachineProbe {
  /** `isSupported` if it is one of the versions that Pixelis is tested with, or later. */
  readonly node: { readonly version: string; readonly isSupported: boolean };
  /** Operating system and processor architecture, as Node names them. */
  readonly platform: string;
  readonly arch: string;
  /** The C library, such as `glibc 2.36` or `musl`; null where there is no choice of them. */
  readonly libc: string | null;
  /** `limit` is that of a container; null where there is none. */
  readonly cpu: {
    readonly model: string | null;
    readonly threads: number;
    readonly limit: number | null;
  };
  readonly memory: { readonly bytes: number; readonly limitBytes: number | null };
  readonly container: string | null;
  /** The graphics processors that the NVIDIA driver shows, by name; empty where it shows none. */
  readonly nvidia: { readonly devices: readonly string[]; readonly driver: string | null };
}

/** Options of {@link probeMachine}. */
export interface ProbeMachineOptions {
  /** Its `PATH` says where the driver's program is. @default the environment of the process */
  readonly env?: NodeJS.ProcessEnv;
}

const NODE_MIN = [20, 19] as const;

/** Describes the machine as far as it decides which backends can run, and how fast. */
export function probeMachine({ env = process.env }: ProbeMachineOptions = {}): MachineProbe {
  const { node, platform, arch, cpu, memory_bytes, container } = getSystemInfo();
  const limits = readResourceLimits();
  const gpu = readGpuInfo({ env });
  return {
    node: { version: node, isSupported: isSupported(node) },
    platform,
    arch,
    libc: platform === 'linux' ? libcOf(process.report.getReport()) : null,
    cpu: { model: cpu.model, threads: availableParallelism(), limit: limits.cpu },
    memory: { bytes: memory_bytes, limitBytes: limits.memory_bytes },
    container,
    nvidia: { devices: gpu?.devices.map(({ name }) => name) ?? [], driver: gpu?.driver ?? null },
  };
}

/** Whether a version of Node.js is 20.19 or later. */
export function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
}

/** Node's report of itself names the version of glibc that it runs on; without one, it was built for musl. */
export function libcOf(report: object): string {
  if (!('header' in report)) return 'musl';
  const { header } = report;
  if (typeof header !== 'object' || header === null) return 'musl';
  return 'glibcVersionRuntime' in header ? `glibc ${String(header.glibcVersionRuntime)}` : 'musl';
}
