import { combineRows } from './elementwise';
import { splat } from './functions';

/** Functions of two entries, named after the kernels of tfjs that they serve; their arguments are those of `combineRows`. */

@unmanaged class Add { @inline apply(a: v128, b: v128): v128 { return f32x4.add(a, b); } }
/** Of the result a of Elu and the gradient b of it: b for a ≥ 0, else b · (a + 1). */
@unmanaged class EluGrad { @inline apply(a: v128, b: v128): v128 { return v128.bitselect(b, f32x4.mul(b, f32x4.add(a, splat(1))), f32x4.ge(a, splat(0))); } }
/** The larger one, where +0 is above −0; NaN if one is NaN. */
@unmanaged class Maximum { @inline apply(a: v128, b: v128): v128 { return f32x4.max(a, b); } }
/** The smaller one, where −0 is below +0; NaN if one is NaN. */
@unmanaged class Minimum { @inline apply(a: v128, b: v128): v128 { return f32x4.min(a, b); } }
@unmanaged class Multiply { @inline apply(a: v128, b: v128): v128 { return f32x4.mul(a, b); } }
/** b · a for a < 0, else a. */
@unmanaged class Prelu { @inline apply(a: v128, b: v128): v128 { return v128.bitselect(f32x4.mul(b, a), a, f32x4.lt(a, splat(0))); } }
@unmanaged class RealDiv { @inline apply(a: v128, b: v128): v128 { return f32x4.div(a, b); } }
@unmanaged class SquaredDifference { @inline apply(a: v128, b: v128): v128 { return f32x4.mul(f32x4.sub(a, b), f32x4.sub(a, b)); } }
@unmanaged class Sub { @inline apply(a: v128, b: v128): v128 { return f32x4.sub(a, b); } }

export function applyAdd(rows: i32, columns: i32, a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize): void {
  combineRows<Add>(rows, columns, a, aRow, aStep, b, bRow, bStep, y);
}

export function applyEluGrad(rows: i32, columns: i32, a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize): void {
  combineRows<EluGrad>(rows, columns, a, aRow, aStep, b, bRow, bStep, y);
}

export function applyMaximum(rows: i32, columns: i32, a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize): void {
  combineRows<Maximum>(rows, columns, a, aRow, aStep, b, bRow, bStep, y);
}

export function applyMinimum(rows: i32, columns: i32, a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize): void {
  combineRows<Minimum>(rows, columns, a, aRow, aStep, b, bRow, bStep, y);
}

export function applyMultiply(rows: i32, columns: i32, a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize): void {
  combineRows<Multiply>(rows, columns, a, aRow, aStep, b, bRow, bStep, y);
}

export function applyPrelu(rows: i32, columns: i32, a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize): void {
  combineRows<Prelu>(rows, columns, a, aRow, aStep, b, bRow, bStep, y);
}

export function applyRealDiv(rows: i32, columns: i32, a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize): void {
  combineRows<RealDiv>(rows, columns, a, aRow, aStep, b, bRow, bStep, y);
}

export function applySquaredDifference(rows: i32, columns: i32, a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize): void {
  combineRows<SquaredDifference>(rows, columns, a, aRow, aStep, b, bRow, bStep, y);
}

export function applySub(rows: i32, columns: i32, a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize): void {
  combineRows<Sub>(rows, columns, a, aRow, aStep, b, bRow, bStep, y);
}
