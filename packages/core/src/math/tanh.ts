import { TANH_TAIL } from './coefficients';
import { exp } from './exp';
import { polynomial } from './polynomial';

/** Up to here the series is used. */
const LARGEST_OF_SERIES = 0.55;
/** Below, tanh(x) rounds to x. */
const TINY = 1e-9;
/** Above, it rounds to 1. */
const SATURATED = 20;

/**
 * The hyperbolic tangent, the same bits on every machine; within 2 ulp of the exact value.
 *
 * x + x³·T(x²) near 0, 1 − 2 / (e^2x + 1) elsewhere.
 */
export function tanh(x: number): number {
  const size = Math.abs(x);
  if (size < TINY || x !== x) return x;
  if (size <= LARGEST_OF_SERIES) {
    const square = x * x;
    return x + x * square * polynomial(TANH_TAIL, square);
  }
  const result = size > SATURATED ? 1 : 1 - 2 / (exp(2 * size) + 1);
  return x < 0 ? -result : result;
}
