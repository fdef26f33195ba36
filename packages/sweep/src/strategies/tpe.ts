import type { Space } from '../space/space';
import { ParzenEstimator } from './parzen-estimator';
import { randomTrial, trialGenerator } from './random';
import { type Direction, hasValue, ranked } from './rank';
import type { Parameters, ProposalContext, Strategy, TrialResult } from './strategy';

/** What decides the trials of a search by TPE. */
export interface TpeOptions {
  readonly trials: number;
  readonly generationSize: number;
  readonly direction: Direction;
  /** An integer from 0 to 2^53 − 1. */
  readonly seed: number;
}

/** Trials with a value without which all are random. */
export const STARTUP_TRIALS = 10;
const CANDIDATES = 24;
const MAXIMUM_GOOD = 25;

/**
 * The tree-structured Parzen estimator (Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization") with the settings
 * of Optuna's TPESampler: after 10 trials with a value, a trial is the one of 24 candidates at which the density of the good
 * trials, a tenth but at most 25, is highest in proportion to that of the others.
 *
 * Trials of the same generation count among the others, so that a generation spreads; so do failed trials, so that what fails
 * is avoided. A trial that got further in successive halving is better than one that was stopped before.
 */
export function tpeStrategy(space: Space, options: TpeOptions): Strategy {
  const { trials, generationSize } = options;
  return {
    trials,
    generationSize,
    propose: (context) => propose(space, { ...context, ...options }),
  };
}

/** The densities of the good trials and of the others over the keys with more than one value. */
export function densities(
  space: Space,
  { history, pending, direction }: DensityOptions,
): { readonly good: ParzenEstimator; readonly others: ParzenEstimator } {
  const { good, others } = split(history, direction);
  const varied: Space = new Map([...space].filter(([, { count }]) => count > 1));
  return {
    good: new ParzenEstimator(varied, good),
    others: new ParzenEstimator(varied, [...others, ...pending]),
  };
}

type DensityOptions = Pick<ProposalContext, 'history' | 'pending'> & Pick<TpeOptions, 'direction'>;

function propose(
  space: Space,
  { trial, history, pending, direction, seed }: ProposalContext & TpeOptions,
): Parameters {
  const random = randomTrial(space, { trial, seed });
  if (history.filter(hasValue).length < STARTUP_TRIALS) return random;

  const { good, others } = densities(space, { history, pending, direction });
  const generator = trialGenerator(seed, trial).fork('candidates');
  let best: Parameters = {};
  let highest = -Infinity;
  for (let candidate = 0; candidate < CANDIDATES; candidate++) {
    const point = good.sample(generator);
    const ratio = good.logDensity(point) - others.logDensity(point);
    if (ratio > highest) [best, highest] = [point, ratio];
  }
  return { ...random, ...best };
}

/** Both parts in the order of the trials' numbers. */
function split(
  history: readonly TrialResult[],
  direction: Direction,
): { readonly good: readonly Parameters[]; readonly others: readonly Parameters[] } {
  const byValue = ranked(history, direction);
  const best = byValue
    .sort((a, b) => (b.rung ?? 0) - (a.rung ?? 0))
    .slice(0, Math.min(MAXIMUM_GOOD, Math.ceil(byValue.length / 10)));
  const isGood = new Set(best.map(({ trial }) => trial));
  const byNumber = [...history].sort((a, b) => a.trial - b.trial);
  return {
    good: byNumber.filter(({ trial }) => isGood.has(trial)).map(({ parameters }) => parameters),
    others: byNumber.filter(({ trial }) => !isGood.has(trial)).map(({ parameters }) => parameters),
  };
}
