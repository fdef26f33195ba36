import { map } from './elementwise';
import {
  errorFunction, exponential, exponentialMinusOne, exponentialOfNegative, hyperbolicTangent, logarithm,
  logarithmOfOnePlus, logistic, splat,
} from './functions';

/** Functions of one entry, named after the kernels of tfjs that they serve: y[i] = f(x[i]) for `count` entries. */

/** Of the scaled exponential linear unit (Klambauer et al., "Self-Normalizing Neural Networks", 2017). */
const SELU_SCALE: f32 = 1.0507009873554805;
const SELU_SCALE_ALPHA: f32 = 1.7580993408473768;

@unmanaged class Abs { @inline apply(x: v128, _p: v128, _q: v128): v128 { return f32x4.abs(x); } }
@unmanaged class Ceil { @inline apply(x: v128, _p: v128, _q: v128): v128 { return f32x4.ceil(x); } }
/** x for x ≥ 0, else e^x − 1. */
@unmanaged class Elu { @inline apply(x: v128, _p: v128, _q: v128): v128 { return v128.bitselect(x, exponentialMinusOne(x), f32x4.ge(x, splat(0))); } }
@unmanaged class Erf { @inline apply(x: v128, _p: v128, _q: v128): v128 { return errorFunction(x); } }
@unmanaged class Exp { @inline apply(x: v128, _p: v128, _q: v128): v128 { return exponential(x); } }
@unmanaged class Expm1 { @inline apply(x: v128, _p: v128, _q: v128): v128 { return exponentialMinusOne(x); } }
@unmanaged class Floor { @inline apply(x: v128, _p: v128, _q: v128): v128 { return f32x4.floor(x); } }
@unmanaged class Log { @inline apply(x: v128, _p: v128, _q: v128): v128 { return logarithm(x); } }
@unmanaged class Log1p { @inline apply(x: v128, _p: v128, _q: v128): v128 { return logarithmOfOnePlus(x); } }
@unmanaged class Neg { @inline apply(x: v128, _p: v128, _q: v128): v128 { return f32x4.neg(x); } }
@unmanaged class Reciprocal { @inline apply(x: v128, _p: v128, _q: v128): v128 { return f32x4.div(splat(1), x); } }
/** 0 for x < 0, else x. */
@unmanaged class Relu { @inline apply(x: v128, _p: v128, _q: v128): v128 { return f32x4.pmax(x, splat(0)); } }
/** 0 for x < 0, 6 for x > 6, else x. */
@unmanaged class Relu6 { @inline apply(x: v128, _p: v128, _q: v128): v128 { return f32x4.pmin(f32x4.pmax(x, splat(0)), splat(6)); } }
/** To the nearest integer, halves to the even one. */
@unmanaged class Round { @inline apply(x: v128, _p: v128, _q: v128): v128 { return f32x4.nearest(x); } }
@unmanaged class Rsqrt { @inline apply(x: v128, _p: v128, _q: v128): v128 { return f32x4.div(splat(1), f32x4.sqrt(x)); } }
/** scale · x for x ≥ 0, else scale · alpha · (e^x − 1). */
@unmanaged class Selu {
  @inline apply(x: v128, _p: v128, _q: v128): v128 {
    const isAbove = f32x4.ge(x, splat(0));
    return f32x4.mul(v128.bitselect(splat(SELU_SCALE), splat(SELU_SCALE_ALPHA), isAbove), v128.bitselect(x, exponentialMinusOne(x), isAbove));
  }
}
@unmanaged class Sigmoid { @inline apply(x: v128, _p: v128, _q: v128): v128 { return logistic(x); } }
/** 1 above 0, −1 below, else 0, also for NaN. */
@unmanaged class Sign { @inline apply(x: v128, _p: v128, _q: v128): v128 { return v128.or(v128.and(splat(1), f32x4.gt(x, splat(0))), v128.and(splat(-1), f32x4.lt(x, splat(0)))); } }
/** ln(1 + e^x) as max(x, 0) + ln(1 + e^−|x|). */
@unmanaged class Softplus { @inline apply(x: v128, _p: v128, _q: v128): v128 { return f32x4.add(f32x4.pmax(x, splat(0)), logarithmOfOnePlus(exponentialOfNegative(f32x4.neg(f32x4.abs(x))))); } }
@unmanaged class Sqrt { @inline apply(x: v128, _p: v128, _q: v128): v128 { return f32x4.sqrt(x); } }
@unmanaged class Square { @inline apply(x: v128, _p: v128, _q: v128): v128 { return f32x4.mul(x, x); } }
@unmanaged class Tanh { @inline apply(x: v128, _p: v128, _q: v128): v128 { return hyperbolicTangent(x); } }
/** p for x < p, q for x > q, else x. */
@unmanaged class ClipByValue { @inline apply(x: v128, p: v128, q: v128): v128 { return f32x4.pmin(f32x4.pmax(x, p), q); } }
/** p · x for x < 0, else x. */
@unmanaged class LeakyRelu { @inline apply(x: v128, p: v128, _q: v128): v128 { return v128.bitselect(f32x4.mul(p, x), x, f32x4.lt(x, splat(0))); } }
/** 1 for x > 0, else p; NaN for NaN. */
@unmanaged class Step { @inline apply(x: v128, p: v128, _q: v128): v128 { return v128.bitselect(v128.bitselect(splat(1), p, f32x4.gt(x, splat(0))), x, f32x4.eq(x, x)); } }

export function applyAbs(count: i32, x: usize, y: usize): void { map<Abs>(count, x, y); }
export function applyCeil(count: i32, x: usize, y: usize): void { map<Ceil>(count, x, y); }
export function applyElu(count: i32, x: usize, y: usize): void { map<Elu>(count, x, y); }
export function applyErf(count: i32, x: usize, y: usize): void { map<Erf>(count, x, y); }
export function applyExp(count: i32, x: usize, y: usize): void { map<Exp>(count, x, y); }
export function applyExpm1(count: i32, x: usize, y: usize): void { map<Expm1>(count, x, y); }
export function applyFloor(count: i32, x: usize, y: usize): void { map<Floor>(count, x, y); }
export function applyLog(count: i32, x: usize, y: usize): void { map<Log>(count, x, y); }
export function applyLog1p(count: i32, x: usize, y: usize): void { map<Log1p>(count, x, y); }
export function applyNeg(count: i32, x: usize, y: usize): void { map<Neg>(count, x, y); }
export function applyReciprocal(count: i32, x: usize, y: usize): void { map<Reciprocal>(count, x, y); }
export function applyRelu(count: i32, x: usize, y: usize): void { map<Relu>(count, x, y); }
export function applyRelu6(count: i32, x: usize, y: usize): void { map<Relu6>(count, x, y); }
export function applyRound(count: i32, x: usize, y: usize): void { map<Round>(count, x, y); }
export function applyRsqrt(count: i32, x: usize, y: usize): void { map<Rsqrt>(count, x, y); }
export function applySelu(count: i32, x: usize, y: usize): void { map<Selu>(count, x, y); }
export function applySigmoid(count: i32, x: usize, y: usize): void { map<Sigmoid>(count, x, y); }
export function applySign(count: i32, x: usize, y: usize): void { map<Sign>(count, x, y); }
export function applySoftplus(count: i32, x: usize, y: usize): void { map<Softplus>(count, x, y); }
export function applySqrt(count: i32, x: usize, y: usize): void { map<Sqrt>(count, x, y); }
export function applySquare(count: i32, x: usize, y: usize): void { map<Square>(count, x, y); }
export function applyTanh(count: i32, x: usize, y: usize): void { map<Tanh>(count, x, y); }
export function applyClipByValue(count: i32, x: usize, y: usize, low: f32, high: f32): void { map<ClipByValue>(count, x, y, low, high); }
export function applyLeakyRelu(count: i32, x: usize, y: usize, alpha: f32): void { map<LeakyRelu>(count, x, y, alpha); }
export function applyStep(count: i32, x: usize, y: usize, alpha: f32): void { map<Step>(count, x, y, alpha); }
