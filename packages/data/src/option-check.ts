import { nearestName, UsageError } from '@pixelis/core';
import type { DatasetOptions } from './dataset';
import { type Split, SPLIT_SIZES } from './mnist';

/**
 * Refuses keys that a data set does not know.
 *
 * @throws {UsageError} If there is one; the remedy names the nearest known key.
 */
export function checkKeys(
  dataset: string,
  { options, known }: { options: DatasetOptions; known: readonly string[] },
): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const nearest = nearestName(key, known);
    throw optionError(
      `Dataset "${dataset}" has no option "${key}"`,
      nearest === undefined ? `Use: ${known.join(', ')}.` : `Did you mean "${nearest}"?`,
    );
  }
}

/** @throws {UsageError} If `value` is no split; undefined means train. */
export function checkSplit(value: unknown = 'train'): Split {
  if (value === 'train' || value === 'val' || value === 'test') return value;
  throw optionError(
    `There is no split ${JSON.stringify(value)}`,
    `Use one of: ${Object.keys(SPLIT_SIZES).join(', ')}.`,
  );
}

/** @throws {UsageError} If `value` is neither text nor undefined. */
export function checkDirectory(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw optionError(
    `A dataset's directory must be text: found ${JSON.stringify(value)}`,
    'Name the folder of the *-ubyte files.',
  );
}

/** The error of an option that a data set refuses. */
export function optionError(message: string, remedy: string): UsageError {
  return new UsageError(message, { code: 'DATASET_OPTION_INVALID', remedy });
}
