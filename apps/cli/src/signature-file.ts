import { readFileSync } from 'node:fs';
import { DataError, explainSystemError, isSystemError } from '@pixelis/core';

/**
 * Reads a signature or signed statement. What is no JSON is no signature, which the check of it then says of null.
 *
 * @throws {DataError} `SIGNATURE_MISSING` if there is no such file, and other codes if it cannot be read.
 */
export function readSignature(path: string): unknown {
  const text = readText(path);
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') throw missingError(path);
    throw explainSystemError(error, { action: 'read', path }) ?? error;
  }
}

function missingError(path: string): DataError {
  return new DataError(`There is no signature ${path}`, {
    code: 'SIGNATURE_MISSING',
    remedy: 'Sign first with pixelis sign, or name the file.',
  });
}
