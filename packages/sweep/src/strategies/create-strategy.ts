import type { SweepConfig } from '@pixelis/config';
import { UsageError } from '@pixelis/core';

import { createSpace } from '../space/space';
import { gridStrategy } from './grid';
import { randomStrategy } from './random';
import type { Strategy } from './strategy';
import { tpeStrategy } from './tpe';

/** Most trials of one sweep. */
const TRIALS_MAX = 100_000;

/** What a strategy depends on besides the configuration. */
export interface StrategyOptions {
  /** Seed of the sweep, an integer from 0 to 2^53 − 1. */
  readonly seed: number;
}

/**
 * The strategy that the section `sweep` of a configuration asks for.
 *
 * @throws {UsageError} `SWEEP_SPACE_EMPTY`, `SWEEP_SPACE_INVALID`, `SWEEP_GRID_TOO_LARGE`, `SWEEP_TOO_LARGE`, `SWEEP_TRIALS_MISSING` (of random and
 * tpe) or `SWEEP_TRIALS_SURPLUS` (of a grid).
 */
export function createStrategy(config: SweepConfig['sweep'], { seed }: StrategyOptions): Strategy {
  const { strategy, trials, direction, generation_size: generationSize } = config;
  const space = createSpace(config.space);
  if (space.size === 0) {
    throw new UsageError('The sweep varies nothing', {
      code: 'SWEEP_SPACE_EMPTY',
      remedy: 'Name what to vary in sweep.space, or by --grid or --space',
    });
  }
  if (strategy === 'grid') {
    if (trials !== null) throw surplusTrials(trials);
    const grid = gridStrategy(space);
    requireFeasible(grid.trials);
    return grid;
  }
  if (trials === null) throw missingTrials(strategy);
  requireFeasible(trials);
  return strategy === 'random'
    ? randomStrategy(space, { trials, seed })
    : tpeStrategy(space, { trials, generationSize, direction, seed });
}

/** All trials of a grid or a random search are written before the first one runs, and all are kept in memory. */
function requireFeasible(trials: number): void {
  if (trials <= TRIALS_MAX) return;
  throw new UsageError(`The sweep has ${trials} trials, more than ${TRIALS_MAX}`, {
    code: 'SWEEP_TOO_LARGE',
    remedy: 'Vary fewer keys or values, or use --random or --tpe with a number of trials',
  });
}

function surplusTrials(trials: number): UsageError {
  return new UsageError(`A grid cannot have sweep.trials ${trials}: it has all combinations`, {
    code: 'SWEEP_TRIALS_SURPLUS',
    remedy: 'Leave sweep.trials out, or use the strategy random',
  });
}

function missingTrials(strategy: 'random' | 'tpe'): UsageError {
  return new UsageError(`The strategy ${strategy} needs a number of trials`, {
    code: 'SWEEP_TRIALS_MISSING',
    remedy: `Give sweep.trials, or --${strategy} N`,
  });
}
