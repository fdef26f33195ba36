import { statfsSync } from 'node:fs';
import { DataError } from '@pixelis/core';

/** What an installation needs beside its files. */
const MARGIN_BYTES = 100_000_000;

/** What {@link requireDiskSpace} looks at. */
export interface DiskSpaceOptions {
  /** A folder that exists. */
  readonly folder: string;
  readonly neededBytes: number;
  /** @default what the file system of `folder` says */
  readonly freeBytes?: number;
}

/**
 * Checks that a disk has room.
 *
 * @throws {DataError} `DISK_SPACE` if it has not.
 */
export function requireDiskSpace({ folder, neededBytes, freeBytes }: DiskSpaceOptions): void {
  const free = freeBytes ?? freeBytesOf(folder);
  const needed = neededBytes + MARGIN_BYTES;
  if (free >= needed) return;
  throw new DataError(
    `${folder} has ${formatBytes(free)} free, the installation needs ${formatBytes(needed)}`,
    {
      code: 'DISK_SPACE',
      remedy: 'free some space, or set PIXELIS_CACHE to a folder on another disk',
    },
  );
}

/** `274 MB`, `3.1 GB`. */
export function formatBytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(0)} MB`;
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
