import { EXP_TAIL, LN2 } from './coefficients';
import { scaleByPowerOfTwo } from './float64';
import { polynomial } from './polynomial';

/** 1 / ln 2. */
const INVERSE_LN2 = 1.4426950408889634;
/** Beyond these the result surely overflows or underflows. */
const LARGEST = 710;
const SMALLEST = -746;

/**
 * e^x, the same bits on every machine; within 1 ulp of the exact value.
 */
export function exp(x: number): number {
  return expOfSum(x, 0);
}

/**
 * e^(x + correction) for a correction below an ulp of x: x + correction = k·ln 2 + r with |r| ≤ ln 2 / 2 and
 * e^r = 1 + r + r²·P(r).
 */
export function expOfSum(x: number, correction: number): number {
  if (x !== x) return x;
  if (x > LARGEST) return Infinity;
  if (x < SMALLEST) return 0;
  const k = Math.floor(x * INVERSE_LN2 + 0.5);
  const high = x - k * LN2[0];
  const low = correction - k * LN2[1];
  const r = high + low;
  const rError = high - r + low;
  const sum = 1 + r;
  const sumError = r - (sum - 1);
  const tail = r * r * polynomial(EXP_TAIL, r);
  return scaleByPowerOfTwo(sum + (tail + (sumError + rError * sum)), k);
}
