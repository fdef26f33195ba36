import { UsageError } from '@pixelis/core';

/** The error of a range or list of values that cannot be searched; `key` is that of the configuration. */
export function spaceError(
  key: string,
  { problem, remedy }: { readonly problem: string; readonly remedy: string },
): UsageError {
  return new UsageError(`Cannot search ${key}: ${problem}`, {
    code: 'SWEEP_SPACE_INVALID',
    remedy,
  });
}
