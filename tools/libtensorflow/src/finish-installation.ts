import { statSync } from 'node:fs';
import { join } from 'node:path';
import { sha256File, writeFileAtomic } from '@pixelis/core';
import {
  ADDON_FILE,
  type InstallationRecord,
  LOADER_FILE,
  NODE_API_VERSION,
  type NodeGpuPackage,
  RECORD_FILE,
} from '@pixelis/native';
import { checkAddon } from './check-addon';
import { linkAddon } from './link-addon';
import type { Progress } from './progress';
import { isLinked } from './wanted-files';

/** What an unpacked TensorFlow is, as its record will say. */
export type UnpackedTensorflow = Pick<
  InstallationRecord,
  'variant' | 'tensorflow_version' | 'wheels' | 'files'
>;

/** What {@link finishInstallation} works with. */
export interface FinishInstallationOptions {
  readonly folder: string;
  readonly nodeGpu: NodeGpuPackage;
  readonly progress: Progress;
}

/**
 * Links the addon against an unpacked TensorFlow, writes the installation's record and tries it.
 *
 * @returns Whether it computes on a GPU.
 * @throws {EnvironmentError} If it cannot be linked, or does not compute.
 */
export async function finishInstallation(
  unpacked: UnpackedTensorflow,
  { folder, nodeGpu, progress }: FinishInstallationOptions,
): Promise<boolean> {
  progress.say(
    `linking the addon of ${nodeGpu.version} against TensorFlow ${unpacked.tensorflow_version}`,
  );
  await linkAddon({ folder, libraries: Object.keys(unpacked.files).filter(isLinked), nodeGpu });
  const files: Record<string, InstallationRecord['files'][string]> = { ...unpacked.files };
  for (const name of [ADDON_FILE, LOADER_FILE]) {
    const path = join(folder, name);
    files[name] = { bytes: statSync(path).size, sha256: await sha256File(path) };
  }
  const record: InstallationRecord = {
    ...unpacked,
    installation_version: 1,
    node_api_version: NODE_API_VERSION,
    platform: process.platform,
    arch: process.arch,
    tfjs_node_gpu_version: nodeGpu.version,
    created_at: new Date().toISOString(),
    files,
  };
  await writeFileAtomic(join(folder, RECORD_FILE), `${JSON.stringify(record, undefined, 2)}\n`);
  return tryAddon({ device: unpacked.variant, folder }, progress);
}

/** Tries an addon, with a line for each thing that it computed; returns whether it used a GPU. */
export function tryAddon(
  addon: { device: 'cpu' | 'gpu'; folder?: string },
  progress: Progress,
): boolean {
  const { isUsingGpu, lines } = checkAddon(addon);
  for (const line of lines) progress.say(`ok: ${line}`);
  return isUsingGpu;
}
