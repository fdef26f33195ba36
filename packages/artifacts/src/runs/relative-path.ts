import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@pixelis/core';
import { ifPresent } from './disk';

/**
 * A path that names a file below a folder on every system: forward slashes, no empty, `.` or `..` segment, none with a
 * colon, a backslash, a control character or a trailing dot or space, which Windows reads as something else.
 */
export const RELATIVE_PATH =
  /^[^\\/:\x00-\x1f]*[^\\/:\x00-\x1f. ](?:\/[^\\/:\x00-\x1f]*[^\\/:\x00-\x1f. ])*$/;

/**
 * Where a file of a folder is.
 *
 * @throws {RangeError} If the path leaves the folder or is not written with forward slashes.
 * @throws {DataError} `PATH_LINKED` if a part of it is a symbolic link, which may lead anywhere.
 */
export function resolveInside(folder: string, path: string): string {
  if (!RELATIVE_PATH.test(path)) {
    throw new RangeError(
      `Cannot use the path ${JSON.stringify(path)}: it must be relative, with forward slashes and without ".."`,
    );
  }
  const segments = path.split('/');
  for (const index of segments.keys()) {
    const part = join(folder, ...segments.slice(0, index + 1));
    if (ifPresent(() => lstatSync(part))?.isSymbolicLink() !== true) continue;
    throw new DataError(`${part} is a symbolic link`, {
      code: 'PATH_LINKED',
      remedy: 'Put a real file or folder in its place: a run keeps all of its files in one folder.',
    });
  }
  return join(folder, ...segments);
}
