import { isCount } from './checks';

/** Two-sided quantiles of the standard normal distribution: P(|Z| <= z) = confidence. */
const quantiles: ReadonlyMap<number, number> = new Map([
  [0.9, 1.6448536269514722],
  [0.95, 1.959963984540054],
  [0.99, 2.5758293035489004],
]);

/** How {@link wilsonInterval} is to be computed. */
export interface WilsonIntervalOptions {
  /** Share of such intervals that hold the true share. @default 0.95 */
  readonly confidence?: 0.9 | 0.95 | 0.99;
}

/** Bounds of a share, 0 <= low <= high <= 1. */
export interface ShareInterval {
  readonly low: number;
  readonly high: number;
}

/**
 * The score interval (Wilson 1927) of a share of which `successes` of `trials` are an independent sample, such as an
 * accuracy: sound for few trials and for shares near 0 and 1, where the mean plus or minus an error is not.
 *
 * @throws {RangeError} If `trials` is no integer >= 1, `successes` no integer from 0 to `trials`, or `confidence` none
 * of those listed.
 */
export function wilsonInterval(
  successes: number,
  trials: number,
  { confidence = 0.95 }: WilsonIntervalOptions = {},
): ShareInterval {
  const task = 'compute a Wilson interval';
  if (!isCount(trials) || trials < 1) {
    throw new RangeError(
      `Cannot ${task}: trials must be an integer >= 1: current value is ${trials}`,
    );
  }
  if (!isCount(successes) || successes > trials) {
    throw new RangeError(
      `Cannot ${task}: successes must be an integer from 0 to ${trials}: current value is ${successes}`,
    );
  }
  const z = quantiles.get(confidence);
  if (z === undefined) {
    const known = [...quantiles.keys()].join(', ');
    throw new RangeError(
      `Cannot ${task}: confidence must be one of ${known}: current value is ${confidence}`,
    );
  }
  const half = (z * z) / 2;
  const spread = z * Math.sqrt((successes * (trials - successes)) / trials + (z * z) / 4);
  // The product of both bounds is successes^2 / (trials (trials + z^2)): low is taken from it, free of cancellation.
  return {
    low: (successes * (successes / trials)) / (successes + (half + spread)),
    high: (successes + (half + spread)) / (trials + z * z),
  };
}
