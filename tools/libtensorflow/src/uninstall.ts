import { rmSync, statSync } from 'node:fs';
import type { NativeVariant } from '@pixelis/native';
import { foldersOf } from './folders';
import { lockInstallations, removeUnfinished } from './install';

/** What {@link uninstall} did. */
export interface UninstallResult {
  readonly variant: NativeVariant;
  readonly status: 'removed' | 'absent';
  readonly folder: string;
}

/**
 * Removes a variant's installation, what unfinished ones left, and wheels that were fetched.
 *
 * @throws {EnvironmentError} `INSTALLATION_RUNNING` if an installation is at work there.
 */
export function uninstall(variant: NativeVariant): UninstallResult {
  const folders = foldersOf(variant);
  const { root, installed: folder, downloads } = folders;
  if (statSync(root, { throwIfNoEntry: false }) === undefined) {
    return { variant, status: 'absent', folder };
  }
  const lock = lockInstallations(folders);
  try {
    const isThere = statSync(folder, { throwIfNoEntry: false }) !== undefined;
    rmSync(folder, { recursive: true, force: true });
    rmSync(downloads, { recursive: true, force: true });
    const unfinished = removeUnfinished(folders);
    return { variant, status: isThere || unfinished > 0 ? 'removed' : 'absent', folder };
  } finally {
    lock.release();
  }
}
