import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256FileSync } from '@pixelis/core';
import type { InstallationRecord } from '../src/installation-record';

/** Makes a folder look like an installation, of files that are no libraries. */
export function fakeInstallation(
  folder: string,
  changes: Partial<InstallationRecord> = {},
): InstallationRecord {
  const contents: Readonly<Record<string, string>> = {
    'tfjs_binding.node': 'addon',
    'loader.node': 'loader',
    'tensorflow/libtensorflow_cc.so.2': 'library',
  };
  const files: InstallationRecord['files'] = {};
  for (const [name, content] of Object.entries(contents)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    files[name] = { bytes: statSync(path).size, sha256: sha256FileSync(path) };
  }
  const record: InstallationRecord = {
    installation_version: 1,
    variant: 'cpu',
    tensorflow_version: '2.21.0',
    node_api_version: 8,
    platform: process.platform,
    arch: process.arch,
    tfjs_node_gpu_version: '4.22.0',
    created_at: '2026-11-22T12:00:00.000Z',
    wheels: {},
    files,
    ...changes,
  };
  writeFileSync(join(folder, 'installation.json'), JSON.stringify(record));
  return record;
}
