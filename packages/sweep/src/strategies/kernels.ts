import { type JsonValue, math } from '@pixelis/core';
import type { Generator } from '@pixelis/reproducibility';

import type { Choice } from '../space/choice';
import type { Range } from '../space/range';

/**
 * The components of a Parzen estimator along one key: one around each observation, and the prior, which comes last.
 */
export interface Kernels {
  sample(kernel: number, generator: Generator): JsonValue;
  /** Adds the logarithm of each component's probability of `value`, or density at it, to `totals`. */
  addLogDensities(value: JsonValue, totals: Float64Array): void;
}

const SQRT_2 = Math.sqrt(2);
const LOG_SQRT_2PI = math.log(2 * Math.PI) / 2;
/** The narrowest component is so many times narrower than the range. */
const MAXIMUM_NARROWING = 100;
/** With more steps than this a range is as good as one without. */
const MAXIMUM_INTERVALS = 2 ** 20;

/** Each component prefers the value that was observed by 1 to 1/n, n components; the prior has no preference. */
export function choiceKernels(choice: Choice, observations: readonly JsonValue[]): Kernels {
  const observed = observations.map((value) => choice.indexOf(value));
  const base = 1 / (observed.length + 1);
  const others = base / (1 + base * choice.count);
  const own = (1 + base) / (1 + base * choice.count);
  return {
    sample(kernel, generator) {
      const index = observed[kernel];
      const isOwn = index !== undefined && generator.uniform() < own - others;
      return isOwn ? choice.at(index) : choice.sample(generator);
    },
    addLogDensities(value, totals) {
      const wanted = choice.indexOf(value);
      const [logOwn, logOthers] = [math.log(own), math.log(others)];
      for (const [kernel, index] of observed.entries()) {
        totals[kernel] = (totals[kernel] ?? 0) + (index === wanted ? logOwn : logOthers);
      }
      const prior = observed.length;
      totals[prior] = (totals[prior] ?? 0) - math.log(choice.count);
    },
  };
}

/**
 * Normal distributions on the range's scale, cut off at its ends: around each observation as wide as the larger distance to
 * its neighbours (Bergstra et al. 2011, section 4.2), and the prior as wide as the range around its middle. Of a range with
 * steps the probability of a step is that of its interval.
 */
export function rangeKernels(range: Range, observations: readonly JsonValue[]): Kernels {
  const { scaleLow, scaleHigh } = range;
  const places = observations.map((value) => range.placeOf(value));
  const means = Float64Array.of(...places, (scaleLow + scaleHigh) / 2);
  const widths = Float64Array.of(...widthsOf(places, range), scaleHigh - scaleLow);
  const logMasses = means.map((mean, kernel) => {
    const width = widths[kernel] ?? 1;
    return math.log(mass((scaleLow - mean) / width, (scaleHigh - mean) / width));
  });
  const logWidths = widths.map((width) => math.log(width));
  const kernelAt = (kernel: number): NormalKernel => ({
    mean: means[kernel] ?? 0,
    width: widths[kernel] ?? 1,
    logMass: logMasses[kernel] ?? 0,
    logWidth: logWidths[kernel] ?? 0,
  });
  const hasIntervals = range.count <= MAXIMUM_INTERVALS;
  return {
    sample: (kernel, generator) =>
      range.fromScale(sampleBetween(kernelAt(kernel), { scaleLow, scaleHigh, generator })),
    addLogDensities(value, totals) {
      const place = range.placeOf(value);
      const interval = hasIntervals ? range.intervalOf(Number(value)) : null;
      for (let kernel = 0; kernel < means.length; kernel++) {
        const logDensity =
          interval === null
            ? logDensityAt(place, kernelAt(kernel))
            : logMassOf(interval, kernelAt(kernel));
        totals[kernel] = (totals[kernel] ?? 0) + logDensity;
      }
    },
  };
}

interface NormalKernel {
  readonly mean: number;
  readonly width: number;
  /** Logarithm of the probability between the ends of the scale before the cut. */
  readonly logMass: number;
  readonly logWidth: number;
}

/** The mean lies within the range and the width is at most the range, so a draw is inside with probability above 0.34. */
function sampleBetween(
  { mean, width }: NormalKernel,
  {
    scaleLow,
    scaleHigh,
    generator,
  }: { readonly scaleLow: number; readonly scaleHigh: number; readonly generator: Generator },
): number {
  let place: number;
  do place = generator.normal(mean, width);
  while (place < scaleLow || place > scaleHigh);
  return place;
}

function logDensityAt(place: number, { mean, width, logMass, logWidth }: NormalKernel): number {
  const deviation = (place - mean) / width;
  return -0.5 * deviation * deviation - LOG_SQRT_2PI - logWidth - logMass;
}

function logMassOf(
  [low, high]: readonly [number, number],
  { mean, width, logMass }: NormalKernel,
): number {
  return math.log(mass((low - mean) / width, (high - mean) / width)) - logMass;
}

/** Probability of the standard normal distribution between `low` and `high`. */
function mass(low: number, high: number): number {
  // In a tail the difference may round to a little below 0.
  return Math.max(0, math.erf(high / SQRT_2) - math.erf(low / SQRT_2)) / 2;
}

/**
 * The larger of the distances to the neighbours, at least range / min(100, n + 2) ("magic clipping" of n observations) and
 * at most the range. The ends of the range are neighbours of a lone observation only.
 */
function widthsOf(places: readonly number[], { scaleLow, scaleHigh }: Range): number[] {
  const span = scaleHigh - scaleLow;
  const narrowest = span / Math.min(MAXIMUM_NARROWING, places.length + 2);
  const order = [...places.keys()].sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  const widths = new Array<number>(places.length).fill(span);
  const isLone = places.length === 1;
  for (const [rank, index] of order.entries()) {
    const place = places[index] ?? 0;
    const below = places[order[rank - 1] ?? -1] ?? (isLone ? scaleLow : place);
    const above = places[order[rank + 1] ?? -1] ?? (isLone ? scaleHigh : place);
    const distance = Math.max(place - below, above - place);
    widths[index] = Math.min(span, Math.max(narrowest, distance));
  }
  return widths;
}
