import { type JsonValue, math } from '@pixelis/core';
import type { Generator } from '@pixelis/reproducibility';

import type { Space } from '../space/space';
import { choiceKernels, type Kernels, rangeKernels } from './kernels';
import type { Parameters } from './strategy';

/** The most recent observations that count fully. */
const FULL_WEIGHTS = 25;

/**
 * A density over the space, estimated from points of it: a mixture with one component for each point, the product of its
 * components along the keys, and one for the prior, which is as wide as the space. The estimator of Bergstra et al.
 * 2011, "Algorithms for Hyper-Parameter Optimization", taken jointly over the keys as Falkner et al. 2018 (BOHB) do.
 */
export class ParzenEstimator {
  readonly #kernels: ReadonlyMap<string, Kernels>;
  readonly #weights: Float64Array;
  readonly #logWeights: Float64Array;

  /** `points` are in the order of their ages, the oldest first. */
  constructor(space: Space, points: readonly Parameters[]) {
    this.#kernels = new Map(
      Array.from(space, ([key, distribution]) => {
        const values = points.map((point) => valueOf(point, key));
        return [
          key,
          distribution.kind === 'choice'
            ? choiceKernels(distribution, values)
            : rangeKernels(distribution, values),
        ];
      }),
    );
    const weights = Float64Array.of(...weightsByAge(points.length), 1);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    this.#weights = weights.map((weight) => weight / sum);
    this.#logWeights = this.#weights.map((weight) => math.log(weight));
  }

  /** A point drawn from the density. */
  sample(generator: Generator): Parameters {
    const kernel = this.#drawKernel(generator.uniform());
    return Object.fromEntries(
      Array.from(this.#kernels, ([key, kernels]) => [key, kernels.sample(kernel, generator)]),
    );
  }

  /** Natural logarithm of the density at `point`; of keys with steps or choices, of the probability. */
  logDensity(point: Parameters): number {
    const totals = this.#logWeights.slice();
    for (const [key, kernels] of this.#kernels) {
      kernels.addLogDensities(valueOf(point, key), totals);
    }
    const largest = totals.reduce((most, total) => Math.max(most, total), -Infinity);
    const sum = totals.reduce((partial, total) => partial + math.exp(total - largest), 0);
    return largest + math.log(sum);
  }

  #drawKernel(quantile: number): number {
    let cumulated = 0;
    const kernel = this.#weights.findIndex((weight) => {
      cumulated += weight;
      return quantile < cumulated;
    });
    // Rounding may leave the sum a little below 1.
    return kernel === -1 ? this.#weights.length - 1 : kernel;
  }
}

/** 1 for the last 25 observations; those before rise evenly from 1/count to 1. */
function weightsByAge(count: number): number[] {
  const old = count - FULL_WEIGHTS;
  return Array.from({ length: count }, (_, age) => {
    if (age >= old) return 1;
    return old === 1 ? 1 / count : 1 / count + ((1 - 1 / count) * age) / (old - 1);
  });
}

function valueOf(point: Parameters, key: string): JsonValue {
  const value = point[key];
  if (value === undefined) {
    throw new RangeError(`Cannot estimate a density: a point must have a value of ${key}`);
  }
  return value;
}
