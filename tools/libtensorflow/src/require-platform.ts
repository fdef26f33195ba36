import { EnvironmentError } from '@pixelis/core';
import { findNodeGpuPackage, NODE_GPU_PACKAGE, type NodeGpuPackage } from '@pixelis/native';

/** The machine, as far as an installation depends on it. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** Version of glibc; undefined where Linux has another C library, such as musl. */
  readonly glibc: string | undefined;
}

/** The oldest that the wheels were built for. */
const GLIBC = '2.27';

/** This machine. */
export function thisMachine(): Machine {
  const { platform, arch } = process;
  return { platform, arch, glibc: platform === 'linux' ? glibcVersion() : undefined };
}

/**
 * Checks that TensorFlow's wheels run on a machine.
 *
 * @throws {EnvironmentError} `PLATFORM_UNSUPPORTED` if they do not.
 */
export function requirePlatform({ platform, arch, glibc }: Machine): void {
  if (platform !== 'linux') throw unsupported(`platform ${platform}`);
  if (arch !== 'x64' && arch !== 'arm64') throw unsupported(`processor ${arch}`);
  if (glibc === undefined) throw unsupported('a C library that is not glibc (such as musl)');
  if (compareVersions(glibc, GLIBC) < 0) throw unsupported(`glibc ${glibc}, older than ${GLIBC}`);
}

/**
 * The package whose addon is linked.
 *
 * @throws {EnvironmentError} `ADDON_SOURCE_MISSING` if it is not installed.
 */
export function requireNodeGpuPackage(): NodeGpuPackage {
  const nodeGpu = findNodeGpuPackage();
  if (nodeGpu !== undefined) return nodeGpu;
  throw new EnvironmentError(`the package ${NODE_GPU_PACKAGE}, whose addon is linked, is missing`, {
    code: 'ADDON_SOURCE_MISSING',
    remedy: `npm ci, or npm install --ignore-scripts ${NODE_GPU_PACKAGE}`,
  });
}

/** Below zero where the first version is older; both of numbers with dots. */
export function compareVersions(first: string, second: string): number {
  const [a, b] = [first, second].map((version) => version.split('.').map(Number));
  for (let part = 0; part < Math.max(a?.length ?? 0, b?.length ?? 0); part++) {
    const difference = (a?.[part] ?? 0) - (b?.[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function glibcVersion(): string | undefined {
  const report: unknown = process.report.getReport();
  if (typeof report !== 'object' || report === null || !('header' in report)) return undefined;
  const { header } = report;
  if (typeof header !== 'object' || header === null || !('glibcVersionRuntime' in header)) {
    return undefined;
  }
  return typeof header.glibcVersionRuntime === 'string' ? header.glibcVersionRuntime : undefined;
}

function unsupported(what: string): EnvironmentError {
  return new EnvironmentError(`TensorFlow cannot be installed here: ${what} is not supported`, {
    code: 'PLATFORM_UNSUPPORTED',
    remedy: `use Linux with glibc ${GLIBC} or later on x86-64 or arm64, or a backend that needs nothing native: wasm or webgpu`,
  });
}
