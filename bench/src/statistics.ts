/** The middle of some figures; of an even number the lower of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
}

/** The least of some figures. */
export function least(values: readonly number[]): number {
  return Math.min(...values);
}
