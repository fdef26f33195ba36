/**
 * Elementary functions of four float32 values at once. They are made of IEEE additions, subtractions, multiplications,
 * divisions and bit operations alone, without fused multiply-add and without tables, so that their bits are the same on
 * every processor. Bounds of errors are in units in the last place (ULP) of the exact value: a sweep found none above
 * them (`src/elementwise/functions.spec.ts`). A NaN gives a NaN. Coefficients: `tools/fixtures/kernels_functions.py`.
 */

/** 1.5 · 2^23: added to a value below 2^22 it leaves the nearest integer in the low bits, and by subtraction the integer. */
const ROUNDER: f32 = 12582912.0;
const LOG2_E: f32 = 1.4426950216293335;
/** ln 2 in two parts; the first has 15 bits, so that its product with an exponent is exact. */
const LN2_HIGH: f32 = 0.693145751953125;
const LN2_LOW: f32 = 1.4286068203094172e-6;
const INFINITY: f32 = f32.POSITIVE_INFINITY;

@inline
export function splat(value: f32): v128 {
  return f32x4.splat(value);
}

/** x · y + z, rounded twice: a step of Horner's scheme. */
@inline
function horner(x: v128, y: v128, z: f32): v128 {
  return f32x4.add(f32x4.mul(x, y), splat(z));
}

/** x / ln 2 to the nearest integer n, plus `ROUNDER`. */
@inline
export function roundedExponent(x: v128): v128 {
  return f32x4.add(f32x4.mul(x, splat(LOG2_E)), splat(ROUNDER));
}

/** x − n · ln 2 for the n of `roundedExponent`. */
@inline
export function remainder(x: v128, rounded: v128): v128 {
  const n = f32x4.sub(rounded, splat(ROUNDER));
  return f32x4.sub(f32x4.sub(x, f32x4.mul(n, splat(LN2_HIGH))), f32x4.mul(n, splat(LN2_LOW)));
}

/** 2^n for integers n from −126 to 127; of a result of `roundedExponent` too, for its other bits are shifted out. */
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.add(i32x4.shl(n, 23), i32x4.splat(0x3f800000));
}

/** e^r for |r| ≤ 0.4: 1 + r + r² · q(r). */
@inline
function exponentialOfRemainder(r: v128): v128 {
  let q = horner(r, splat(0.001382073387503624), 0.008368677459657192);
  q = horner(q, r, 0.04166826605796814);
  q = horner(q, r, 0.1666652113199234);
  q = horner(q, r, 0.4999999403953552);
  return f32x4.add(f32x4.add(r, f32x4.mul(f32x4.mul(r, r), q)), splat(1));
}

/** e^x within 1 ULP. A result below 2^-126 is rounded once more, as its scaling by powers of two does. */
@inline
export function exponential(x: v128): v128 {
  const bounded = f32x4.pmin(f32x4.pmax(x, splat(-104)), splat(89));
  const rounded = roundedExponent(bounded);
  const p = exponentialOfRemainder(remainder(bounded, rounded));
  const half = i32x4.shr_s(rounded, 1);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(rounded, half)));
}

/** e^(n · ln 2 + r) for |r| ≤ 0.4 and the n of `roundedExponent`, from −190 to 63; gradual underflow. */
@inline
export function exponentialOfParts(rounded: v128, r: v128): v128 {
  // 2^(n + 64) and 2^-64, for 2^n alone may be below the least normal number.
  const scale = i32x4.add(i32x4.shl(rounded, 23), i32x4.splat(0x5f800000));
  return f32x4.mul(f32x4.mul(exponentialOfRemainder(r), scale), splat(5.421010862427522e-20));
}

/** e^x of x ≤ 0, with the bits of `exponential`, and cheaper. */
@inline
export function exponentialOfNegative(x: v128): v128 {
  const bounded = f32x4.pmax(x, splat(-104));
  const rounded = roundedExponent(bounded);
  return exponentialOfParts(rounded, remainder(bounded, rounded));
}

/** e^x − 1 within 1.2 ULP, with the sign of x at ±0. */
@inline
export function exponentialMinusOne(x: v128): v128 {
  const bounded = f32x4.pmin(f32x4.pmax(x, splat(-30)), splat(89));
  const rounded = roundedExponent(bounded);
  const n = f32x4.sub(rounded, splat(ROUNDER));
  const near = f32x4.sub(bounded, f32x4.mul(n, splat(LN2_HIGH)));
  const far = f32x4.mul(n, splat(LN2_LOW));
  const r = f32x4.sub(near, far);
  const lost = f32x4.sub(f32x4.sub(near, r), far);
  let q = horner(r, splat(0.00019944262749049813), 0.0013932674191892147);
  q = horner(q, r, 0.008333208039402962);
  q = horner(q, r, 0.04166648909449577);
  q = horner(q, r, 0.1666666716337204);
  q = horner(q, r, 0.5);
  const tail = f32x4.add(f32x4.mul(f32x4.mul(r, r), q), lost);
  // Half of everything, for n may be 128: scale · (1 + r + tail) − 1/2, with what the first sum loses put back.
  const scale = powerOfTwo(i32x4.sub(rounded, i32x4.splat(1)));
  const slope = f32x4.mul(scale, r);
  const sum = f32x4.add(scale, slope);
  const rest = f32x4.add(f32x4.sub(slope, f32x4.sub(sum, scale)), f32x4.mul(scale, tail));
  const half = f32x4.add(f32x4.sub(sum, splat(0.5)), rest);
  const isTiny = f32x4.lt(f32x4.abs(x), splat(2.9802322387695312e-8));
  return v128.bitselect(x, f32x4.add(half, half), isTiny);
}

/** The exponent n of x = 2^n · m, where m is from √½ to √2: what is left of it with the bits of √½ taken off. */
@inline
function exponentAboveRootHalf(x: v128): v128 {
  return i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23);
}

/** n · ln 2 + ln(1 + f + low) for f from √½ − 1 to √2 − 1 and a low far below it: f − f²/2 + f³ · p(f) + low · (1 − f). */
@inline
function logarithmOfParts(n: v128, f: v128, low: v128): v128 {
  let p = horner(f, splat(0.06749189645051956), -0.11670024693012238);
  p = horner(p, f, 0.11883537471294403);
  p = horner(p, f, -0.12406239658594131);
  p = horner(p, f, 0.14220359921455383);
  p = horner(p, f, -0.16667988896369934);
  p = horner(p, f, 0.2000207155942917);
  p = horner(p, f, -0.25000008940696716);
  p = horner(p, f, 0.3333331346511841);
  const square = f32x4.mul(f, f);
  const cubic = f32x4.add(f32x4.mul(f32x4.mul(square, f), p), f32x4.add(f32x4.mul(n, splat(LN2_LOW)), low));
  const tail = f32x4.sub(cubic, f32x4.mul(square, splat(0.5)));
  return f32x4.add(f32x4.mul(n, splat(LN2_HIGH)), f32x4.add(f, tail));
}

/** `result` for a positive finite x, else what the logarithm has there: −∞ at ±0, ∞ at ∞, NaN below. */
@inline
function orEdgeOfLogarithm(result: v128, x: v128): v128 {
  const isPositive = f32x4.gt(x, splat(0));
  const outside = v128.bitselect(splat(-INFINITY), splat(f32.NaN), f32x4.eq(x, splat(0)));
  const edge = v128.bitselect(x, outside, isPositive);
  return v128.bitselect(result, edge, v128.and(isPositive, f32x4.lt(x, splat(INFINITY))));
}

/** ln x within 0.9 ULP; −∞ at ±0, NaN below. */
@inline
export function logarithm(x: v128): v128 {
  const isSmall = f32x4.lt(x, splat(1.1754943508222875e-38));
  const scaled = v128.bitselect(f32x4.mul(x, splat(8388608)), x, isSmall);
  const exponent = exponentAboveRootHalf(scaled);
  const f = f32x4.sub(i32x4.sub(scaled, i32x4.shl(exponent, 23)), splat(1));
  const n = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(splat(23), isSmall));
  return orEdgeOfLogarithm(logarithmOfParts(n, f, splat(-0)), x);
}

/** ln(1 + x) within 1.1 ULP, with the sign of x at ±0; −∞ at −1, NaN below. */
@inline
export function logarithmOfOnePlus(x: v128): v128 {
  const sum = f32x4.add(splat(1), x);
  // What the sum lost: the smaller term less its part in the sum.
  const lostOfX = f32x4.sub(x, f32x4.sub(sum, splat(1)));
  const lostOfOne = f32x4.sub(splat(1), f32x4.sub(sum, x));
  const lost = v128.bitselect(lostOfX, lostOfOne, f32x4.lt(x, splat(1)));
  const exponent = exponentAboveRootHalf(sum);
  const f = f32x4.sub(i32x4.sub(sum, i32x4.shl(exponent, 23)), splat(1));
  // Nothing of it is left long before 2^126.
  const scaled = f32x4.mul(lost, powerOfTwo(i32x4.max_s(i32x4.neg(exponent), i32x4.splat(-126))));
  const low = f32x4.sub(scaled, f32x4.mul(scaled, f));
  const result = orEdgeOfLogarithm(logarithmOfParts(f32x4.convert_i32x4_s(exponent), f, low), sum);
  return v128.bitselect(x, result, f32x4.lt(f32x4.abs(x), splat(2.9802322387695312e-8)));
}

/** `magnitude` with the sign of `x`. */
@inline
function withSign(magnitude: v128, x: v128): v128 {
  return v128.or(magnitude, v128.and(x, i32x4.splat(0x80000000)));
}

/** tanh x within 1.4 ULP, odd: x + x³ · p(x²) near 0, else 1 − 2 / (e^2x + 1). */
@inline
export function hyperbolicTangent(x: v128): v128 {
  const size = f32x4.pmin(f32x4.abs(x), splat(10));
  const z = f32x4.mul(size, size);
  let p = horner(z, splat(-0.0056922961957752705), 0.02062816731631756);
  p = horner(p, z, -0.05373651534318924);
  p = horner(p, z, 0.13331405818462372);
  p = horner(p, z, -0.3333328068256378);
  const near = f32x4.add(size, f32x4.mul(f32x4.mul(z, size), p));
  const doubled = f32x4.add(size, size);
  const rounded = roundedExponent(doubled);
  const e = f32x4.mul(exponentialOfRemainder(remainder(doubled, rounded)), powerOfTwo(rounded));
  const far = f32x4.sub(splat(1), f32x4.div(splat(2), f32x4.add(e, splat(1))));
  return withSign(v128.bitselect(near, far, f32x4.lt(size, splat(0.625))), x);
}

/** 1 / (1 + e^−x) within 2.5 ULP; of a negative x it is e^x / (1 + e^x). */
@inline
export function logistic(x: v128): v128 {
  const e = exponentialOfNegative(f32x4.neg(f32x4.abs(x)));
  const numerator = v128.bitselect(e, splat(1), f32x4.lt(x, splat(0)));
  return f32x4.div(numerator, f32x4.add(e, splat(1)));
}

/**
 * e^(a²/2) · (1 − Φ(a)) within 4 ULP, Φ the distribution function of the standard normal law, for a from 0 to 13.4: the
 * Mills ratio over √2π, as a quotient of polynomials with positive coefficients.
 */
@inline
export function scaledNormalTail(a: v128): v128 {
  let p = horner(a, splat(0.0040006558410823345), 0.03986109048128128);
  p = horner(p, a, 0.18095435202121735);
  p = horner(p, a, 0.43523097038269043);
  p = horner(p, a, 0.5);
  let q = horner(a, splat(0.010028012096881866), 0.09992440789937973);
  q = horner(q, a, 0.4634462594985962);
  q = horner(q, a, 1.1930532455444336);
  q = horner(q, a, 1.6683467626571655);
  q = horner(q, a, 1);
  return f32x4.div(p, q);
}

/** erf x within 1.4 ULP, odd: x + x · p(x²) near 0, else 1 − 2 · (1 − Φ(√2 · x)). */
@inline
export function errorFunction(x: v128): v128 {
  const size = f32x4.pmin(f32x4.abs(x), splat(4));
  const z = f32x4.mul(size, size);
  let p = horner(z, splat(7.806903886375949e-5), -0.0007997853099368513);
  p = horner(p, z, 0.005187162198126316);
  p = horner(p, z, -0.026853347197175026);
  p = horner(p, z, 0.11283578723669052);
  p = horner(p, z, -0.3761262595653534);
  p = horner(p, z, 0.12837916612625122);
  const near = f32x4.add(size, f32x4.mul(size, p));
  const tail = scaledNormalTail(f32x4.mul(size, splat(1.4142135623730951)));
  const e = exponentialOfNegative(f32x4.neg(z));
  const far = f32x4.sub(splat(1), f32x4.mul(f32x4.add(tail, tail), e));
  return withSign(v128.bitselect(near, far, f32x4.lt(size, splat(1))), x);
}
