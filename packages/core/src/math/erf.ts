import { ERFC_SCALED, ERF_TAIL } from './coefficients';
import { exp } from './exp';
import { polynomial } from './polynomial';

/** Above, erf(x) rounds to 1. */
const SATURATED = 6;

/**
 * The error function 2/√π·∫₀ˣ e^−t² dt, the same bits on every machine; within 2 ulp of the exact value.
 *
 * x + x·E(x²) up to 1; beyond, 1 − e^−x²·G((x − 2) / (x + 2)), since e^x²·erfc(x) is smooth in that variable
 * (Shepherd and Laframboise 1981, "Chebyshev approximation of (1 + 2x)exp(x²)erfc x in 0 ≤ x < ∞").
 */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (x !== x) return x;
  if (size <= 1) return x + x * polynomial(ERF_TAIL, x * x);
  const result =
    size > SATURATED ? 1 : 1 - exp(-size * size) * polynomial(ERFC_SCALED, (size - 2) / (size + 2));
  return x < 0 ? -result : result;
}
