import type { SweepConfig } from '@pixelis/config';
import { UsageError } from '@pixelis/core';
import { createSpace, sizeOfSpace } from './space/space';

/**
 * What is to be said of a search with more trials than configurations; undefined if there are enough.
 *
 * @throws {UsageError} `SWEEP_TRIALS_EQUAL` if there is one configuration and more than one trial.
 */
export function repeatedTrials(
  { space, strategy }: SweepConfig['sweep'],
  trials: number,
): string | undefined {
  const size = sizeOfSpace(createSpace(space));
  if (strategy === 'grid' || trials <= size) return undefined;
  if (size > 1)
    return `the space has only ${size} different configurations, so that some of the ${trials} trials are the same`;
  throw new UsageError(`All ${trials} trials would be the same: every varied key has one value`, {
    code: 'SWEEP_TRIALS_EQUAL',
    remedy: 'give a key several values or a range, such as --space training.seed=int:1:1000',
  });
}
