import { UsageError } from '@pixelis/core';

/** The alias that every put moves to what was put. */
export const LATEST = 'latest';

const ALIAS = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;
const LIKE_A_VERSION = /^v?\d+(?:\.\d+)*$/i;

/**
 * Returns the alias that was given.
 *
 * @throws {UsageError} `ALIAS_INVALID` if it cannot be one, for instance because it looks like a version.
 */
export function checkAlias(alias: string): string {
  if (ALIAS.test(alias) && !LIKE_A_VERSION.test(alias)) return alias;
  throw new UsageError(`Alias ${JSON.stringify(alias)} is not valid`, {
    code: 'ALIAS_INVALID',
    remedy:
      'Use 1 to 100 of the characters A-Z a-z 0-9 _ . - with a letter or digit first, and nothing that ' +
      'looks like a version; for example best.',
  });
}

/**
 * Returns an alias that people may set and remove.
 *
 * @throws {UsageError} `ALIAS_INVALID`, or `ALIAS_RESERVED` for `latest`, which moves by itself.
 */
export function checkOwnAlias(alias: string): string {
  if (alias !== LATEST) return checkAlias(alias);
  throw new UsageError('Alias "latest" moves by itself', {
    code: 'ALIAS_RESERVED',
    remedy: 'Put content to move it on, roll it back to an earlier version, or use another alias.',
  });
}
