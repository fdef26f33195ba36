import { Generator } from '@pixelis/reproducibility';

import { sampleSpace, type Space } from '../space/space';
import type { Parameters, Strategy } from './strategy';

/** What decides the trials of a random search. */
export interface RandomOptions {
  readonly trials: number;
  /** An integer from 0 to 2^53 − 1. */
  readonly seed: number;
}

/**
 * Independent samples of the space. A value depends on the seed, the trial's number and the name of its key alone: more
 * trials or another key change none of the others.
 */
export function randomStrategy(space: Space, { trials, seed }: RandomOptions): Strategy {
  return {
    trials,
    generationSize: trials,
    propose: ({ trial }) => randomTrial(space, { trial, seed }),
  };
}

/** The sample of the space that trial number `trial` of `seed` gets. */
export function randomTrial(
  space: Space,
  { trial, seed }: { readonly trial: number; readonly seed: number },
): Parameters {
  return sampleSpace(space, trialGenerator(seed, trial));
}

/** The source of all randomness of one trial of a sweep. */
export function trialGenerator(seed: number, trial: number): Generator {
  return Generator.fromSeed(seed).fork(`sweep:trial:${trial}`);
}
