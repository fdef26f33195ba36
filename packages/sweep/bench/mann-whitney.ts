import { math } from '@pixelis/core';

/**
 * Two-sided p of the rank test of Mann and Whitney that neither sample tends to be the larger one, by the normal approximation
 * with corrections for ties and continuity: good from about 10 values each.
 */
export function mannWhitneyP(a: readonly number[], b: readonly number[]): number {
  const all = [...a, ...b].sort((x, y) => x - y);
  const rankOf = (value: number) => (all.indexOf(value) + all.lastIndexOf(value)) / 2 + 1;
  const rankSum = a.reduce((sum, value) => sum + rankOf(value), 0);
  const u = rankSum - (a.length * (a.length + 1)) / 2;
  const n = all.length;
  const ties = [...new Set(all)].reduce((sum, value) => {
    const count = all.lastIndexOf(value) - all.indexOf(value) + 1;
    return sum + (count ** 3 - count);
  }, 0);
  const product = a.length * b.length;
  const variance = (product / 12) * (n + 1 - ties / (n * (n - 1)));
  const distance = Math.max(0, Math.abs(u - product / 2) - 0.5);
  return variance === 0 ? 1 : 1 - math.erf(distance / Math.sqrt(2 * variance));
}
