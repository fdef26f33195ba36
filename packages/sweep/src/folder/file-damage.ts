import { lstatSync } from 'node:fs';
import { sha256FileSync } from '@pixelis/core';
import type { SweepManifest } from './sweep-manifest';
import { onDisk } from './on-disk';

/**
 * How a file differs from what a manifest says of it; undefined if it does not.
 *
 * @throws {DataError} If it cannot be read.
 */
export function fileDamage(
  path: string,
  { sha256, bytes }: SweepManifest['files'][string],
): string | undefined {
  return onDisk(path, () => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return 'is missing';
    if (!found.isFile()) return 'is not a file';
    if (found.size !== bytes) return `has ${found.size} bytes, not ${bytes}`;
    return sha256FileSync(path) === sha256 ? undefined : 'was changed: its SHA-256 differs';
  });
}
