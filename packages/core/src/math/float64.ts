const cell = new Float64Array(1);
const words = new Uint32Array(cell.buffer);
const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
const HIGH = isLittleEndian ? 1 : 0;

/** The upper 32 bits of √½: sign, 11 bits of exponent, 20 of fraction. */
const SQRT_HALF_HIGH = 0x3fe6a09e;

/** The smallest positive double with a full fraction. */
export const SMALLEST_NORMAL = 2.2250738585072014e-308;

/** Makes a subnormal number normal. (Even 2 ** 54 is left to the platform by ECMA-262.) */
export const TWO_TO_54 = 18014398509481984;

/** The k for which x·2^−k lies between √½ and √2 (to 2^-20); for positive normal x. */
export function centredExponent(x: number): number {
  cell[0] = x;
  return ((words[HIGH] ?? 0) - SQRT_HALF_HIGH) >> 20;
}

/** x·2^k exactly, for positive normal x and results. */
export function withExponentAdded(x: number, k: number): number {
  cell[0] = x;
  words[HIGH] = (words[HIGH] ?? 0) + (k << 20);
  return cell[0];
}

/** 2^k for −1022 ≤ k ≤ 1023. */
function powerOfTwo(k: number): number {
  words[HIGH] = (k + 1023) << 20;
  words[1 - HIGH] = 0;
  return cell[0] ?? 0;
}

/** x·2^k for 0.5 ≤ x < 4 and any k, rounded once more only where the result is subnormal. */
export function scaleByPowerOfTwo(x: number, k: number): number {
  if (k > 1022) return k > 1024 ? Infinity : x * powerOfTwo(k - 2) * 4;
  if (k < -1021) return k < -1080 ? 0 : x * powerOfTwo(k + 128) * powerOfTwo(-128);
  return x * powerOfTwo(k);
}

/** x with the lower 27 bits of its fraction cleared, so that products of two such numbers are exact. */
function upperHalf(x: number): number {
  const scaled = x * 134217729;
  return scaled - (scaled - x);
}

/** a·b − product exactly, where product is a·b rounded (Dekker 1971); for |a|, |b| < 2^990. */
export function productError(a: number, b: number, product: number): number {
  const aHigh = upperHalf(a);
  const bHigh = upperHalf(b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** a + b − sum exactly, where sum is a + b rounded (Knuth, TAOCP 4.2.2, theorem B). */
export function sumError(a: number, b: number, sum: number): number {
  const bRounded = sum - a;
  return a - (sum - bRounded) + (b - bRounded);
}
