/** Which of two values is the better one. */
export type Direction = 'min' | 'max';

/** What {@link ranked} orders. */
export interface Rankable {
  /** Number of the trial, from 1. */
  readonly trial: number;
  /** Null if the trial failed. */
  readonly value: number | null;
}

/** Whether there is a value that can be compared: a failed trial has none, and NaN or an infinity is none. */
export function hasValue<T extends Rankable>(result: T): result is T & { readonly value: number } {
  return result.value !== null && Number.isFinite(result.value);
}

/** Those with a value, the best first; of equal ones the trial with the smaller number. */
export function ranked<T extends Rankable>(
  results: readonly T[],
  direction: Direction,
): (T & { readonly value: number })[] {
  const sign = direction === 'min' ? 1 : -1;
  return results.filter(hasValue).sort((a, b) => sign * (a.value - b.value) || a.trial - b.trial);
}
