import { math } from '@pixelis/core';

/** Weight of the kernel that stands for knowing nothing, where an observation weighs 1. */
const PRIOR_WEIGHT = 1;

/** Half the distance of two cells over the 95 % quantile: no kernel is so narrow that it hides within one cell. */
const SIGMA_MIN = 0.5 / 1.64;

/**
 * Probability of each cell of a grid by a Parzen estimator with the bandwidth of Scott's rule (Scott 1992), truncated to
 * the grid, and one wide kernel as prior: what PED-ANOVA compares (Watanabe et al. 2023, section 4.2).
 *
 * @param counts Observations in each cell, at least one in all.
 * @returns As many probabilities; they sum to 1.
 */
export function parzenOnGrid(counts: readonly number[]): number[] {
  const observed = observedCells(counts);
  const bandwidth = Math.max(scottBandwidth(observed), SIGMA_MIN);
  const last = counts.length - 1;
  const kernels = [
    ...observed.map(({ cell, weight }) => ({ mean: cell, deviation: bandwidth, weight })),
    { mean: last / 2, deviation: last + 1, weight: PRIOR_WEIGHT },
  ];
  const total = sumOf(kernels.map(({ weight }) => weight));
  const probabilities = counts.map(() => 0);
  for (const { mean, deviation, weight } of kernels) {
    const distribution = (x: number) => math.erf((x - mean) / (deviation * Math.SQRT2));
    const mass = distribution(last + 0.5) - distribution(-0.5);
    counts.forEach((_, cell) => {
      const share = (distribution(cell + 0.5) - distribution(cell - 0.5)) / mass;
      probabilities[cell] = (probabilities[cell] ?? 0) + (share * weight) / total;
    });
  }
  return probabilities;
}

/** The same for choices that have no order, such as names. */
export function parzenOfChoices(counts: readonly number[]): number[] {
  const observed = observedCells(counts);
  const total = sumOf(counts) + PRIOR_WEIGHT;
  const uniform = PRIOR_WEIGHT / (observed.length + 1);
  const rowSum = 1 + uniform * counts.length;
  return counts.map((_, choice) => {
    const ofObserved = observed.map(
      ({ cell, weight }) => weight * ((uniform + (cell === choice ? 1 : 0)) / rowSum),
    );
    return (sumOf(ofObserved) + PRIOR_WEIGHT / counts.length) / total;
  });
}

interface ObservedCell {
  readonly cell: number;
  readonly weight: number;
}

function observedCells(counts: readonly number[]): ObservedCell[] {
  return counts.flatMap((weight, cell) => (weight > 0 ? [{ cell, weight }] : []));
}

/** 1.059 min(IQR / 1.34, σ) n^(-1/5), over the cells. */
function scottBandwidth(observed: readonly ObservedCell[]): number {
  const count = sumOf(observed.map(({ weight }) => weight));
  const mean = sumOf(observed.map(({ cell, weight }) => cell * weight)) / count;
  const squares = sumOf(observed.map(({ cell, weight }) => (cell - mean) * (cell - mean) * weight));
  const deviation = Math.sqrt(squares / Math.max(1, count - 1));
  const low = cellWhere(observed, (sum) => sum >= Math.floor(count / 4));
  const high = cellWhere(observed, (sum) => sum > Math.floor((count * 3) / 4));
  return 1.059 * Math.min((high - low) / 1.34, deviation) * math.pow(count, -0.2);
}

/** The first observed cell where the sum of the weights so far satisfies; the last one if none does. */
function cellWhere(observed: readonly ObservedCell[], isReached: (sum: number) => boolean): number {
  let sum = 0;
  for (const { cell, weight } of observed) {
    sum += weight;
    if (isReached(sum)) return cell;
  }
  return observed.at(-1)?.cell ?? 0;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
