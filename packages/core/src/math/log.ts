import { lackOfAtanhArgument } from './atanh-argument';
import { ATANH_TAIL, LN2 } from './coefficients';
import {
  centredExponent,
  SMALLEST_NORMAL,
  sumError,
  TWO_TO_54,
  withExponentAdded,
} from './float64';
import { polynomial } from './polynomial';

/**
 * The natural logarithm, the same bits on every machine; within 1 ulp of the exact value. NaN below 0, −∞ at ±0.
 *
 * With x = 2^k·m, m between √½ and √2, and s = (m − 1) / (m + 1): ln x = k·ln 2 + 2·atanh(s). The leading parts
 * k·ln 2 and 2·s are kept in double-double; the series of atanh adds little enough to be a double.
 */
export function log(x: number): number {
  if (x !== x || x < 0) return NaN;
  if (x === 0) return -Infinity;
  if (x === Infinity) return x;
  if (x < SMALLEST_NORMAL) return logOfScaled(x * TWO_TO_54, -54);
  return logOfScaled(x, 0);
}

/** ln(x·2^exponent) for a normal x. */
function logOfScaled(x: number, exponent: number): number {
  const shift = centredExponent(x);
  const m = withExponentAdded(x, -shift);
  const k = shift + exponent;

  const s = (m - 1) / (m + 1);
  const sLow = lackOfAtanhArgument(m, s);

  const square = s * s;
  const tail = 2 * sLow + s * square * polynomial(ATANH_TAIL, square);
  const kLn2 = k * LN2[0];
  const sum = kLn2 + 2 * s;
  return sum + (sumError(kLn2, 2 * s, sum) + (tail + k * LN2[1]));
}
