import { exponentialOfNegative, exponentialOfParts, remainder, roundedExponent, scaledNormalTail, splat } from './functions';
import { loadFirst, storeFirst } from './layers/lanes';

/**
 * The Gaussian error linear unit and its derivative in one pass (Hendrycks and Gimpel, 2016). Both come from the tail T
 * of a symmetric distribution at |x|, so that nothing cancels where x is far below 0: y = max(x, 0) − |x| · T, and y' is
 * D = T − |x| · density where x is below 0, else 1 − D.
 */

/** 1 / √2π, the density of the normal law at 0. */
const NORMAL_PEAK: f32 = 0.3989422804014327;
/** √(8/π) and √(8/π) · 0.044715: Φ(x) is about the logistic function of √(8/π) · (x + 0.044715 · x³). */
const SLOPE: f32 = 1.5957691216057308;
const CUBIC: f32 = 0.07135481282565624;

/** e^(−a²/2) for a up to 14.5: the square of the upper 12 bits of a is exact, the rest is taken off the remainder. */
@inline
function normalKernel(a: v128): v128 {
  const upper = v128.and(a, i32x4.splat(0xfffff000));
  const negated = f32x4.mul(upper, f32x4.mul(upper, splat(-0.5)));
  const rest = f32x4.mul(f32x4.sub(a, upper), f32x4.mul(f32x4.add(a, upper), splat(0.5)));
  const rounded = roundedExponent(negated);
  return exponentialOfParts(rounded, f32x4.sub(remainder(negated, rounded), rest));
}

/** Stores `count` of four results, of x = ±a, from a · T and D. */
@inline
function storeBoth(count: i32, x: v128, excess: v128, below: v128, y: usize, derivative: usize): void {
  const slope = v128.bitselect(below, f32x4.sub(splat(1), below), f32x4.lt(x, splat(0)));
  storeFirst(y, f32x4.sub(f32x4.pmax(x, splat(0)), excess), count);
  storeFirst(derivative, slope, count);
}

/** T = 1 − Φ(a). */
@unmanaged class OfErf {
  @inline apply(count: i32, x: v128, y: usize, derivative: usize): void {
    const a = f32x4.pmin(f32x4.abs(x), splat(14.5));
    const e = normalKernel(a);
    const scaledTail = scaledNormalTail(a);
    const below = f32x4.mul(e, f32x4.sub(scaledTail, f32x4.mul(a, splat(NORMAL_PEAK))));
    storeBoth(count, x, f32x4.mul(a, f32x4.mul(e, scaledTail)), below, y, derivative);
  }
}

/** T = e / (1 + e) with e = e^(−√(8/π) · (a + 0.044715 · a³)), whose density is T · (1 − T) times the slope of the exponent. */
@unmanaged class OfTanh {
  @inline apply(count: i32, x: v128, y: usize, derivative: usize): void {
    const a = f32x4.pmin(f32x4.abs(x), splat(11));
    const square = f32x4.mul(a, a);
    const e = exponentialOfNegative(f32x4.mul(a, f32x4.sub(f32x4.mul(square, splat(-CUBIC)), splat(SLOPE))));
    const body = f32x4.div(splat(1), f32x4.add(e, splat(1)));
    const tail = f32x4.mul(e, body);
    const slope = f32x4.add(f32x4.mul(square, splat(3 * CUBIC)), splat(SLOPE));
    const below = f32x4.mul(tail, f32x4.sub(splat(1), f32x4.mul(f32x4.mul(a, body), slope)));
    storeBoth(count, x, f32x4.mul(a, tail), below, y, derivative);
  }
}

@inline
function fillBoth<Form>(count: i32, x: usize, y: usize, derivative: usize): void {
  const form = changetype<Form>(0);
  const paired = count & ~7;
  if (paired > 0) {
    const end = x + (<usize>paired << 2);
    do {
      const low = v128.load(x), high = v128.load(x, 16);
      form.apply(4, low, y, derivative);
      form.apply(4, high, y + 16, derivative + 16);
      x += 32;
      y += 32;
      derivative += 32;
    } while (x < end);
  }
  for (let left = count - paired; left > 0; left -= 4) {
    form.apply(left, loadFirst(x, left), y, derivative);
    x += 16;
    y += 16;
    derivative += 16;
  }
}

/**
 * y[i] = x · Φ(x) and its derivative, for `count` entries: the value within 5e-7 of itself wherever it is above 2^-120,
 * the derivative within 1.3e-7.
 */
export function geluOfErf(count: i32, x: usize, y: usize, derivative: usize): void {
  fillBoth<OfErf>(count, x, y, derivative);
}

/**
 * y[i] = x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) / 2 and its derivative, for `count` entries: the value within 5e-7
 * of itself for x ≥ −2 and within 1.4e-5 below, where the exponential magnifies the rounding of its argument; the
 * derivative within 1.3e-7.
 */
export function geluOfTanh(count: i32, x: usize, y: usize, derivative: usize): void {
  fillBoth<OfTanh>(count, x, y, derivative);
}
