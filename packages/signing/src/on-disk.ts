import { explainSystemError } from '@pixelis/core';

/** Runs a file operation; what the user can mend is thrown as a DataError that names `path`. */
export function onDisk<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw explainSystemError(error, { path }) ?? error;
  }
}
