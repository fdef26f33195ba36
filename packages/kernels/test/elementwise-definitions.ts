// Looked up once: globals are slow in the contexts that tests run in.
const { abs, ceil, floor, fround, max, min, sqrt } = Math;

const scratch = new Float32Array(1);
const scratchBits = new Int32Array(scratch.buffer);

function bitsOf(x: number): number {
  scratch[0] = x;
  return scratchBits[0]!;
}

function floatOf(bits: number): number {
  scratchBits[0] = bits;
  return scratch[0]!;
}

function add(x: number, y: number): number {
  return fround(x + y);
}

function sub(x: number, y: number): number {
  return fround(x - y);
}

function mul(x: number, y: number): number {
  return fround(x * y);
}

function div(x: number, y: number): number {
  return fround(x / y);
}

/** Horner's scheme, highest power first, each product and each sum rounded. */
function horner(x: number, coefficients: readonly number[]): number {
  return coefficients.map(fround).reduce((sum, one) => add(mul(sum, x), one));
}

const LN2_HIGH = 0.693145751953125;
const LN2_LOW = fround(1.4286068203094172e-6);

/** The nearest integer to x / ln 2, by the bits of a sum in which nothing is left behind the point. */
function exponentOf(x: number): number {
  return sub(add(mul(x, fround(1.4426950216293335)), 12582912), 12582912);
}

function remainder(x: number, n: number): number {
  return sub(sub(x, mul(n, LN2_HIGH)), mul(n, LN2_LOW));
}

/** 2^n for n from −126 to 127. */
function powerOfTwo(n: number): number {
  return floatOf((n + 127) << 23);
}

const EXP_TAIL = [
  0.001382073387503624, 0.008368677459657192, 0.04166826605796814, 0.1666652113199234,
  0.4999999403953552,
];

function exponentialOfRemainder(r: number): number {
  return add(add(r, mul(mul(r, r), horner(r, EXP_TAIL))), 1);
}

function exponential(x: number): number {
  if (Number.isNaN(x)) return x;
  const bounded = min(max(x, -104), 89);
  const n = exponentOf(bounded);
  const p = exponentialOfRemainder(remainder(bounded, n));
  return mul(mul(p, powerOfTwo(n >> 1)), powerOfTwo(n - (n >> 1)));
}

const EXPM1_TAIL = [
  0.00019944262749049813, 0.0013932674191892147, 0.008333208039402962, 0.04166648909449577,
  0.1666666716337204, 0.5,
];

function exponentialMinusOne(x: number): number {
  if (Number.isNaN(x) || abs(x) < 2 ** -25) return x;
  const bounded = min(max(x, -30), 89);
  const n = exponentOf(bounded);
  const near = sub(bounded, mul(n, LN2_HIGH));
  const far = mul(n, LN2_LOW);
  const r = sub(near, far);
  const tail = add(mul(mul(r, r), horner(r, EXPM1_TAIL)), sub(sub(near, r), far));
  const scale = powerOfTwo(n - 1);
  const slope = mul(scale, r);
  const sum = add(scale, slope);
  const rest = add(sub(slope, sub(sum, scale)), mul(scale, tail));
  const half = add(sub(sum, 0.5), rest);
  return add(half, half);
}

const LOG_TAIL = [
  0.06749189645051956, -0.11670024693012238, 0.11883537471294403, -0.12406239658594131,
  0.14220359921455383, -0.16667988896369934, 0.2000207155942917, -0.25000008940696716,
  0.3333331346511841,
];

/** n and m of x = 2^n · m with m from √½ to √2, both as float32. */
function partsOf(x: number): { n: number; m: number } {
  const n = (bitsOf(x) - 0x3f3504f3) >> 23;
  return { n, m: floatOf(bitsOf(x) - (n << 23)) };
}

function logarithmOfParts(n: number, f: number, low: number): number {
  const square = mul(f, f);
  const cubic = add(mul(mul(square, f), horner(f, LOG_TAIL)), add(mul(n, LN2_LOW), low));
  return add(mul(n, LN2_HIGH), add(f, sub(cubic, mul(square, 0.5))));
}

function logarithm(x: number): number {
  if (x === 0) return -Infinity;
  if (!(x > 0)) return NaN;
  if (x === Infinity) return x;
  const isSmall = x < 2 ** -126;
  const { n, m } = partsOf(isSmall ? x * 2 ** 23 : x);
  return logarithmOfParts(isSmall ? n - 23 : n, sub(m, 1), -0);
}

function logarithmOfOnePlus(x: number): number {
  if (abs(x) < 2 ** -25) return x;
  const sum = add(1, x);
  if (sum === 0) return -Infinity;
  if (!(sum > 0)) return NaN;
  if (sum === Infinity) return sum;
  const lost = x < 1 ? sub(x, sub(sum, 1)) : sub(1, sub(sum, x));
  const { n, m } = partsOf(sum);
  const f = sub(m, 1);
  const scaled = mul(lost, powerOfTwo(max(-n, -126)));
  return logarithmOfParts(n, f, sub(scaled, mul(scaled, f)));
}

function signed(magnitude: number, x: number): number {
  return x < 0 || Object.is(x, -0) ? -magnitude : magnitude;
}

const TANH_TAIL = [
  -0.0056922961957752705, 0.02062816731631756, -0.05373651534318924, 0.13331405818462372,
  -0.3333328068256378,
];

function hyperbolicTangent(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = min(abs(x), 10);
  const z = mul(size, size);
  if (size < 0.625) return signed(add(size, mul(mul(z, size), horner(z, TANH_TAIL))), x);
  const n = exponentOf(2 * size);
  const e = mul(exponentialOfRemainder(remainder(2 * size, n)), powerOfTwo(n));
  return signed(sub(1, div(2, add(e, 1))), x);
}

function logistic(x: number): number {
  const e = exponential(-abs(x));
  return div(x < 0 ? e : 1, add(e, 1));
}

const TAIL_NUMERATOR = [
  0.0040006558410823345, 0.03986109048128128, 0.18095435202121735, 0.43523097038269043, 0.5,
];
const TAIL_DENOMINATOR = [
  0.010028012096881866, 0.09992440789937973, 0.4634462594985962, 1.1930532455444336,
  1.6683467626571655, 1,
];

function scaledNormalTail(a: number): number {
  return div(horner(a, TAIL_NUMERATOR), horner(a, TAIL_DENOMINATOR));
}

const ERF_TAIL = [
  7.806903886375949e-5, -0.0007997853099368513, 0.005187162198126316, -0.026853347197175026,
  0.11283578723669052, -0.3761262595653534, 0.12837916612625122,
];

function errorFunction(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = min(abs(x), 4);
  const z = mul(size, size);
  if (size < 1) return signed(add(size, mul(size, horner(z, ERF_TAIL))), x);
  const tail = scaledNormalTail(mul(size, fround(Math.SQRT2)));
  return signed(sub(1, mul(2 * tail, exponential(-z))), x);
}

/** Halves to the even integer. */
function roundToEven(x: number): number {
  const below = floor(x);
  if (below === x || !Number.isFinite(x)) return x;
  const isDown = x - below < 0.5 || (x - below === 0.5 && below % 2 === 0);
  return isDown ? signed(abs(below), x) : signed(abs(below + 1), x);
}

/** The definitions of the kernels of one entry, operation by operation; the bits of a NaN are left open. */
export const unaryDefinitions: Readonly<Record<string, (x: number) => number>> = {
  Abs: abs,
  Ceil: ceil,
  Elu: (x) => (x >= 0 ? x : exponentialMinusOne(x)),
  Erf: errorFunction,
  Exp: exponential,
  Expm1: exponentialMinusOne,
  Floor: floor,
  Log: logarithm,
  Log1p: logarithmOfOnePlus,
  Neg: (x) => -x,
  Reciprocal: (x) => div(1, x),
  Relu: (x) => (x < 0 ? 0 : x),
  Relu6: (x) => (x < 0 ? 0 : x > 6 ? 6 : x),
  Round: roundToEven,
  Rsqrt: (x) => div(1, fround(sqrt(x))),
  Selu: (x) =>
    x >= 0
      ? mul(fround(1.0507009873554805), x)
      : mul(fround(1.7580993408473768), exponentialMinusOne(x)),
  Sigmoid: logistic,
  Sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : 0),
  Softplus: (x) => add(x < 0 ? 0 : x, logarithmOfOnePlus(exponential(-abs(x)))),
  Sqrt: (x) => fround(sqrt(x)),
  Square: (x) => mul(x, x),
  Tanh: hyperbolicTangent,
};

/** The definitions of the kernels of two entries. */
export const binaryDefinitions: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: add,
  EluGrad: (y, dy) => (y >= 0 ? dy : mul(dy, add(y, 1))),
  Maximum: (a, b) => max(a, b),
  Minimum: (a, b) => min(a, b),
  Multiply: mul,
  Prelu: (x, alpha) => (x < 0 ? mul(alpha, x) : x),
  RealDiv: div,
  SquaredDifference: (a, b) => mul(sub(a, b), sub(a, b)),
  Sub: sub,
};

/** What a Gaussian error linear unit gives for one entry. */
export interface DefinedGelu {
  readonly value: number;
  readonly derivative: number;
}

/** y = max(x, 0) − |x| · T and y' = D for x < 0, else 1 − D. */
function geluOf(x: number, excess: number, below: number): DefinedGelu {
  return {
    value: sub(x < 0 ? 0 : x, excess),
    derivative: x < 0 ? below : sub(1, below),
  };
}

/** T = 1 − Φ(a), D = e^(−a²/2) · (T · e^(a²/2) − a / √2π). */
export function defineGeluOfErf(x: number): DefinedGelu {
  if (Number.isNaN(x)) return { value: x, derivative: x };
  const a = min(abs(x), 14.5);
  const upper = floatOf(bitsOf(a) & ~0xfff);
  const negated = mul(upper, mul(upper, -0.5));
  const rest = mul(sub(a, upper), mul(add(a, upper), 0.5));
  const n = exponentOf(negated);
  const p = exponentialOfRemainder(sub(remainder(negated, n), rest));
  const e = mul(mul(p, powerOfTwo(n + 64)), 2 ** -64);
  const tail = scaledNormalTail(a);
  const below = mul(e, sub(tail, mul(a, fround(0.3989422804014327))));
  return geluOf(x, mul(a, mul(e, tail)), below);
}

const SLOPE = fround(1.5957691216057308);
const CUBIC = 0.07135481282565624;

/** T = e / (1 + e) with e = e^(−√(8/π) · (a + 0.044715 · a³)). */
export function defineGeluOfTanh(x: number): DefinedGelu {
  if (Number.isNaN(x)) return { value: x, derivative: x };
  const a = min(abs(x), 11);
  const square = mul(a, a);
  const e = exponential(mul(a, sub(mul(square, -fround(CUBIC)), SLOPE)));
  const body = div(1, add(e, 1));
  const tail = mul(e, body);
  const slope = add(mul(square, fround(3 * fround(CUBIC))), SLOPE);
  return geluOf(x, mul(a, tail), mul(tail, sub(1, mul(mul(a, body), slope))));
}
