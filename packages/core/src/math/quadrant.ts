import { HALF_PI, HALF_PI_BITS, TWO_OVER_PI_BITS } from './coefficients';
import { sumError } from './float64';

/** 2/π. */
const TWO_OVER_PI = 0.6366197723675814;
/** Up to here n·π/2 with n < 2^20 can be subtracted in three parts. */
const LARGEST_FAST = 1e6;
/** Below, the cancellation would leave too few bits. */
const SMALLEST_FAST = 1e-6;

/** Bits of {@link TWO_OVER_PI_BITS} behind the binary point, and of all fractions here. */
const TWO_OVER_PI_SCALE = 1280n;
const FRACTION_SCALE = 192n;
/** Undoes the scales of a fraction times {@link HALF_PI_BITS}. */
const TWO_TO_MINUS_384 = 2.5379418373156492e-116;

/**
 * Subtracts the multiple n of π/2 nearest to a finite x: sets remainder to x − n·π/2 as a double-double and returns n
 * modulo 4. The relative error of the remainder is below 2^-70.
 */
export function reduceToQuadrant(x: number, remainder: Float64Array): number {
  if (Math.abs(x) > LARGEST_FAST) return reduceExactly(x, remainder);
  const n = Math.floor(x * TWO_OVER_PI + 0.5);
  const first = x - n * HALF_PI[0];
  const part = -n * HALF_PI[1];
  const second = first + part;
  const low = sumError(first, part, second) - n * HALF_PI[2];
  const high = second + low;
  if (Math.abs(high) < SMALLEST_FAST) return reduceExactly(x, remainder);
  remainder[0] = high;
  remainder[1] = second - high + low;
  return n & 3;
}

/** In integers: x is m·2^e, and x·2/π needs the bits of 2/π around the binary point alone (Payne and Hanek 1983). */
function reduceExactly(x: number, remainder: Float64Array): number {
  let exponent = 0n;
  let integer = x;
  while (!Number.isInteger(integer)) {
    integer *= 2;
    exponent -= 1n;
  }
  const shift = TWO_OVER_PI_SCALE - FRACTION_SCALE - exponent;
  const quadrants = (BigInt(integer) * TWO_OVER_PI_BITS) >> shift;
  const n = (quadrants + (1n << (FRACTION_SCALE - 1n))) >> FRACTION_SCALE;
  const fraction = quadrants - (n << FRACTION_SCALE);
  const scaled = fraction * HALF_PI_BITS;
  const high = Number(scaled);
  remainder[0] = high * TWO_TO_MINUS_384;
  remainder[1] = Number(scaled - BigInt(high)) * TWO_TO_MINUS_384;
  return Number(BigInt.asUintN(2, n));
}
