import { readFileSync } from 'node:fs';
import { explainSystemError, isSystemError } from '@pixelis/core';

/** Runs a file operation; what the user can mend is thrown as a DataError that names `path`. */
export function onDisk<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw explainSystemError(error, { path }) ?? error;
  }
}

/** The text of a file; undefined if there is none. */
export function readTextIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw explainSystemError(error, { action: 'read', path }) ?? error;
  }
}

/** JSON for people: indented, with a newline at the end. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
