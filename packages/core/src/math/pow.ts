import { lackOfAtanhArgument } from './atanh-argument';
import { ATANH_FAR_TAIL, LN2, TWO_FIFTHS, TWO_THIRDS } from './coefficients';
import { expOfSum } from './exp';
import {
  centredExponent,
  productError,
  SMALLEST_NORMAL,
  sumError,
  TWO_TO_54,
  withExponentAdded,
} from './float64';
import { polynomial } from './polynomial';

/** Exponents of at least this size overflow or underflow for every base but ±1. */
const HUGE_EXPONENT = 1e20;
/** Exponents below this size give 1 after rounding. */
const TINY_EXPONENT = 1e-20;

/** The logarithm in double-double. */
const ln = new Float64Array(2);

/**
 * x^y, the same bits on every machine; within 1 ulp of the exact value. Special cases as ECMA-262's
 * Number::exponentiate: x^±0 is 1 even for NaN, (±1)^±∞ is NaN, a negative base with a fractional exponent is NaN.
 *
 * x^y = e^(y·ln x) with the logarithm and the product in double-double.
 */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (x !== x || y !== y) return NaN;
  const size = Math.abs(x);
  if (Math.abs(y) === Infinity) {
    if (size === 1) return NaN;
    return size > 1 === y > 0 ? Infinity : 0;
  }
  const isNegative = x < 0 || Object.is(x, -0);
  if (size === 0 || size === Infinity) {
    const result = (size === 0) === y < 0 ? Infinity : 0;
    return isNegative && isOdd(y) ? -result : result;
  }
  if (!isNegative) return powOfPositive(size, y);
  if (!Number.isInteger(y)) return NaN;
  return isOdd(y) ? -powOfPositive(size, y) : powOfPositive(size, y);
}

function isOdd(y: number): boolean {
  return Math.abs(y % 2) === 1;
}

/** For finite x > 0 and finite y ≠ 0. */
function powOfPositive(x: number, y: number): number {
  if (x === 1 || Math.abs(y) < TINY_EXPONENT) return 1;
  if (y === 1) return x;
  if (Math.abs(y) > HUGE_EXPONENT) return x > 1 === y > 0 ? Infinity : 0;
  if (x < SMALLEST_NORMAL) setLn(x * TWO_TO_54, -54);
  else setLn(x, 0);
  const high = ln[0] ?? 0;
  const product = y * high;
  return expOfSum(product, productError(y, high, product) + y * (ln[1] ?? 0));
}

/**
 * Sets {@link ln} to ln(x·2^exponent) for a normal x, by the series of log, whose first three terms are summed in
 * double-double: 2·(s + s³/3 + s⁵/5 + …) = 2·s + s³·(2/3 + s²·(2/5 + s²·T(s²))). The relative error is below 2^-68.
 */
function setLn(x: number, exponent: number): void {
  const shift = centredExponent(x);
  const m = withExponentAdded(x, -shift);
  const k = shift + exponent;

  const s = (m - 1) / (m + 1);
  const sLow = lackOfAtanhArgument(m, s);

  const z = s * s;
  const zLow = productError(s, s, z) + 2 * s * sLow;
  const rest = z * polynomial(ATANH_FAR_TAIL, z);
  const b = TWO_FIFTHS[0] + rest;
  const bLow = TWO_FIFTHS[0] - b + rest + TWO_FIFTHS[1];
  const zb = z * b;
  const zbLow = productError(z, b, zb) + (z * bLow + zLow * b);
  const c = TWO_THIRDS[0] + zb;
  const cLow = TWO_THIRDS[0] - c + zb + (TWO_THIRDS[1] + zbLow);
  const cube = z * s;
  const cubeLow = productError(z, s, cube) + (zLow * s + z * sLow);
  const tail = cube * c;
  const tailLow = productError(cube, c, tail) + (cube * cLow + cubeLow * c);

  const kLn2 = k * LN2[0];
  const leading = kLn2 + 2 * s;
  const sum = leading + tail;
  const errors = sumError(kLn2, 2 * s, leading) + sumError(leading, tail, sum);
  const low = errors + (2 * sLow + tailLow + k * LN2[1]);
  ln[0] = sum + low;
  ln[1] = sum - ln[0] + low;
}
