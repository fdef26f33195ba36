import { math } from '@pixelis/core';

/** How good an example is, and why. */
export interface QualityScore {
  /** From 0, useless, to 1: the weighted geometric mean of the components. */
  readonly score: number;
  /** What was measured, each from 0 to 1; what could not be measured is missing. */
  readonly components: Readonly<Record<string, number>>;
}

/**
 * The weighted geometric mean exp(Σ w ln c / Σ w) of the components that were measured: one component at 0 makes the
 * whole 0, as an example with a wrong answer or without a question is of no use however good the rest of it is.
 *
 * @param components From 0 to 1; undefined ones are left out and the weights of the others scaled up.
 * @param weights Positive, one for each component.
 */
export function combineQuality(
  components: Readonly<Record<string, number | undefined>>,
  weights: Readonly<Record<string, number>>,
): QualityScore {
  const measured: Record<string, number> = {};
  let logarithms = 0;
  let total = 0;
  for (const [name, weight] of Object.entries(weights)) {
    const component = components[name];
    if (component === undefined) continue;
    measured[name] = component;
    total += weight;
    logarithms += component === 0 ? -Infinity : weight * math.log(component);
  }
  const score = total === 0 || logarithms === -Infinity ? 0 : math.exp(logarithms / total);
  return { score: Math.min(1, score), components: measured };
}
