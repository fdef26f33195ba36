import { productError } from './float64';

/**
 * What s, the rounded (m − 1) / (m + 1), lacks of the exact quotient, to its last bit, for m between √½ and √2:
 * ln m = 2·atanh(s + lack).
 */
export function lackOfAtanhArgument(m: number, s: number): number {
  const divisor = m + 1;
  const divisorError = m - (divisor - 1);
  const product = s * divisor;
  return (m - 1 - product - productError(s, divisor, product) - s * divisorError) / divisor;
}
