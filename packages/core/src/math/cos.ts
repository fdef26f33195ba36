import { sinOfQuadrants } from './sin';

/** The cosine of x radians, the same bits on every machine; within 1 ulp of the exact value. NaN for ±∞. */
export function cos(x: number): number {
  return sinOfQuadrants(x, 1);
}
