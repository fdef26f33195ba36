import { UsageError } from '@pixelis/core';

import { spaceError } from '../space/space-error';
import { type Distribution, sizeOfSpace, type Space } from '../space/space';
import type { Parameters, ProposalContext, Strategy } from './strategy';

/**
 * All combinations of the values, each once. Keys are in the order of their names, and the last changes fastest; values are
 * in the order given, steps rise.
 *
 * @throws {UsageError} `SWEEP_SPACE_INVALID` if a range has no steps; `SWEEP_GRID_TOO_LARGE` above 2^53 − 1 combinations.
 */
export function gridStrategy(space: Space): Strategy {
  for (const [key, distribution] of space) validateCountable(key, distribution);
  const trials = sizeOfSpace(space);
  if (!Number.isSafeInteger(trials)) {
    throw new UsageError(`The grid has about ${trials.toPrecision(3)} combinations`, {
      code: 'SWEEP_GRID_TOO_LARGE',
      remedy: 'Vary fewer keys, or use the strategy random with a number of trials',
    });
  }
  return {
    trials,
    generationSize: trials,
    propose: ({ trial }: ProposalContext) => combination(space, trial, trials),
  };
}

/** The digits of trial − 1 as a number of mixed radix, one a key. */
function combination(space: Space, trial: number, trials: number): Parameters {
  if (!Number.isInteger(trial) || trial < 1 || trial > trials) {
    throw new RangeError(
      `Cannot propose: trial must be an integer from 1 to ${trials}: current value is ${trial}`,
    );
  }
  let rest = trial - 1;
  const reversed = [...space].reverse().map(([key, distribution]) => {
    const index = rest % distribution.count;
    rest = (rest - index) / distribution.count;
    return [key, distribution.at(index)] as const;
  });
  return Object.fromEntries(reversed.reverse());
}

function validateCountable(key: string, { count }: Distribution): void {
  if (count < Infinity) return;
  throw spaceError(key, {
    problem: 'a grid cannot take every value of a range',
    remedy: 'Give it values or a step, or use the strategy random or tpe',
  });
}
