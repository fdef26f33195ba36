/**
 * The mean of `values` (at least one, all finite), by compensated summation (Neumaier 1974), within the smallest and the
 * largest of them. A plain sum would give 0.6999999999999998 for three times 0.7, which then misses a threshold of 0.7.
 */
export function movingAverage(values: readonly number[]): number {
  const count = values.length;
  let sum = 0;
  let lost = 0;
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const mean = Number.isFinite(sum) ? sum / count + lost / count : meanOfHugeValues(values);
  // Adding 0 turns -0, which JSON does not keep, into 0.
  return Math.min(Math.max(mean, least), most) + 0;
}

/** For values whose sum exceeds the range of a double. */
function meanOfHugeValues(values: readonly number[]): number {
  return values.reduce((mean, value) => mean + value / values.length, 0);
}
