import { UsageError } from '@pixelis/core';

/**
 * Checks that `seed` is an integer from 0 to 2^53 − 1 and returns it; 0 is a seed like any other.
 *
 * @throws {UsageError} `SEED_INVALID` for anything else.
 */
export function validateSeed(seed: unknown): number {
  if (typeof seed === 'number' && Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new UsageError(`The seed ${describe(seed)} is not an integer from 0 to 2^53 - 1`, {
    code: 'SEED_INVALID',
    remedy: 'Give a whole number such as 42.',
  });
}

function describe(seed: unknown): string {
  return typeof seed === 'string' ? JSON.stringify(seed) : String(seed);
}
