import { COS_TAIL, SIN_TAIL } from './coefficients';
import { polynomial } from './polynomial';
import { reduceToQuadrant } from './quadrant';

const QUARTER_PI = 0.7853981633974483;
/** Below, sin(x) rounds to x. */
const TINY = 1e-8;

const remainder = new Float64Array(2);

/** The sine of x radians, the same bits on every machine; within 1 ulp of the exact value. NaN for ±∞. */
export function sin(x: number): number {
  if (Math.abs(x) < TINY) return x;
  return sinOfQuadrants(x, 0);
}

/** sin(x + quadrants·π/2). */
export function sinOfQuadrants(x: number, quadrants: number): number {
  if (x - x !== 0) return NaN;
  let quadrant = quadrants;
  let r = x;
  let rLow = 0;
  if (Math.abs(x) > QUARTER_PI) {
    quadrant += reduceToQuadrant(x, remainder);
    r = remainder[0] ?? 0;
    rLow = remainder[1] ?? 0;
  }
  const size = (quadrant & 1) === 0 ? sinOfSmall(r, rLow) : cosOfSmall(r, rLow);
  return (quadrant & 2) === 0 ? size : -size;
}

/** sin(r + low) for |r| ≤ π/4: r + r³·S(r²), and low times the cosine's first terms. */
function sinOfSmall(r: number, low: number): number {
  const square = r * r;
  return r + (r * square * polynomial(SIN_TAIL, square) + low * (1 - 0.5 * square));
}

/** cos(r + low) for |r| ≤ π/4: 1 − r²/2 + r⁴·C(r²), and low times the sine's first term. */
function cosOfSmall(r: number, low: number): number {
  const square = r * r;
  const half = 0.5 * square;
  const sum = 1 - half;
  const error = 1 - sum - half;
  return sum + (error + (square * square * polynomial(COS_TAIL, square) - r * low));
}
