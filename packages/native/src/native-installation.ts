import { statSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError, sha256File } from '@pixelis/core';
import { nativeCacheDirectory } from './cache-directory';
import {
  type InstallationRecord,
  type NativeVariant,
  readInstallationRecord,
} from './installation-record';
import { findNodeGpuPackage, NODE_GPU_PACKAGE, nodeApiOfNode } from './node-gpu-package';

/** The addon of an installation, linked against TensorFlow. */
export const ADDON_FILE = 'tfjs_binding.node';
/** The small addon that prepares the process before the other is loaded. */
export const LOADER_FILE = 'loader.node';
/** Says what an installation is, and that it is whole. */
export const RECORD_FILE = 'installation.json';

/** TensorFlow, and the addon that is linked against it. */
export interface NativeInstallation {
  readonly folder: string;
  readonly addonPath: string;
  readonly record: InstallationRecord;
}

/** Which installation is looked for. */
export interface FindNativeInstallationOptions {
  readonly variant: NativeVariant;
}

/** The folder of a variant's installation, whether it is there or not. */
export function nativeInstallationFolder({ variant }: FindNativeInstallationOptions): string {
  return join(nativeCacheDirectory(), 'libtensorflow', variant);
}

/** The command that puts an installation right. */
export function installCommand(variant: NativeVariant, option = ''): string {
  return `npx nx run libtensorflow:install -- --variant ${variant}${option}`;
}

/**
 * The installation of a variant that `libtensorflow:install` made; undefined if there is none.
 *
 * @throws {EnvironmentError} What {@link openNativeInstallation} throws.
 */
export function findNativeInstallation(
  options: FindNativeInstallationOptions,
): NativeInstallation | undefined {
  return openNativeInstallation(nativeInstallationFolder(options));
}

/**
 * The installation in a folder; undefined if there is none. Each of its files is looked at, but not read:
 * {@link verifyNativeInstallation} does that.
 *
 * @throws {EnvironmentError} `NATIVE_INSTALLATION_BROKEN` if files are missing or of another size,
 * `NATIVE_INSTALLATION_FOREIGN` if it was made for another machine, Node or version of the addon's package.
 */
export function openNativeInstallation(folder: string): NativeInstallation | undefined {
  const record = readInstallationRecord(join(folder, RECORD_FILE));
  if (record === undefined) return undefined;
  requireSameMachine(record);
  for (const [name, { bytes }] of Object.entries(record.files)) {
    const found = statSync(join(folder, name), { throwIfNoEntry: false })?.size;
    if (found !== bytes) {
      const problem = found === undefined ? 'is missing' : `has ${found} bytes instead of ${bytes}`;
      throw broken(record, `${join(folder, name)} ${problem}`);
    }
  }
  for (const name of [ADDON_FILE, LOADER_FILE]) {
    if (!(name in record.files)) throw broken(record, `its record does not name ${name}`);
  }
  return { folder, addonPath: join(folder, ADDON_FILE), record };
}

/**
 * Reads every file of an installation and compares its SHA-256 with the record: about a second for the CPU's.
 *
 * @throws {EnvironmentError} `NATIVE_INSTALLATION_BROKEN` if one differs.
 */
export async function verifyNativeInstallation({
  folder,
  record,
}: NativeInstallation): Promise<void> {
  for (const [name, { sha256 }] of Object.entries(record.files)) {
    const found = await sha256File(join(folder, name));
    if (found !== sha256) {
      throw broken(record, `${join(folder, name)} has the SHA-256 ${found} instead of ${sha256}`);
    }
  }
}

function requireSameMachine(record: InstallationRecord): void {
  const gpuPackage = findNodeGpuPackage();
  const differences = [
    ['platform', record.platform, process.platform],
    ['processor', record.arch, process.arch],
    [NODE_GPU_PACKAGE, record.tfjs_node_gpu_version, gpuPackage?.version],
  ] as const;
  for (const [what, made, here] of differences) {
    if (here !== undefined && made !== here)
      throw foreign(record, `${what} ${made}, here is ${here}`);
  }
  if (record.node_api_version > nodeApiOfNode()) {
    throw foreign(record, `Node-API ${record.node_api_version}, this Node has ${nodeApiOfNode()}`);
  }
}

function broken({ variant }: InstallationRecord, problem: string): EnvironmentError {
  return new EnvironmentError(`the native installation (${variant}) is broken: ${problem}`, {
    code: 'NATIVE_INSTALLATION_BROKEN',
    remedy: `install it again: ${installCommand(variant, ' --relink')}`,
  });
}

function foreign({ variant }: InstallationRecord, difference: string): EnvironmentError {
  return new EnvironmentError(`the native installation (${variant}) was made for ${difference}`, {
    code: 'NATIVE_INSTALLATION_FOREIGN',
    remedy: `install it again: ${installCommand(variant, ' --relink')}`,
  });
}
