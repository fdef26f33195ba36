/**
 * Sums, products, maxima and minima along one axis of a float32 tensor [outer, length, inner].
 *
 * The order is part of the definition. Where `inner` is not 1, each entry of the result takes its entries in ascending
 * order, from the neutral one (0, 1, −∞, ∞). Where it is 1, sixteen lanes start there, lane i taking entries i, i + 16, …
 * as long as all sixteen have one; they are joined as (lane 0..3 · lane 4..7) · (lane 8..11 · lane 12..15), entry by
 * entry, then (0 · 1) · (2 · 3) of those four, and the remaining entries follow in ascending order. A NaN stays a NaN.
 */

const SUM: i32 = 0;
const PRODUCT: i32 = 1;
const MAXIMUM: i32 = 2;
const MINIMUM: i32 = 3;

@inline
function neutral(kind: i32): f32 {
  if (kind == SUM) return 0;
  if (kind == PRODUCT) return 1;
  return kind == MAXIMUM ? -f32.POSITIVE_INFINITY : f32.POSITIVE_INFINITY;
}

@inline
function join(kind: i32, left: v128, right: v128): v128 {
  if (kind == SUM) return f32x4.add(left, right);
  if (kind == PRODUCT) return f32x4.mul(left, right);
  return kind == MAXIMUM ? f32x4.max(left, right) : f32x4.min(left, right);
}

@inline
function joinOne(kind: i32, left: f32, right: f32): f32 {
  if (kind == SUM) return left + right;
  if (kind == PRODUCT) return left * right;
  return kind == MAXIMUM ? max<f32>(left, right) : min<f32>(left, right);
}

@inline
function reduceRows(kind: i32, rows: i32, length: i32, from: usize, to: usize): void {
  const full = length & ~15;
  for (let row: i32 = 0; row < rows; row++) {
    let total = neutral(kind);
    if (full > 0) {
      let v0 = f32x4.splat(neutral(kind)), v1 = v0, v2 = v0, v3 = v0;
      for (const end = from + (<usize>full << 2); from < end; from += 64) {
        v0 = join(kind, v0, v128.load(from));
        v1 = join(kind, v1, v128.load(from, 16));
        v2 = join(kind, v2, v128.load(from, 32));
        v3 = join(kind, v3, v128.load(from, 48));
      }
      const lanes = join(kind, join(kind, v0, v1), join(kind, v2, v3));
      const low = joinOne(kind, f32x4.extract_lane(lanes, 0), f32x4.extract_lane(lanes, 1));
      const high = joinOne(kind, f32x4.extract_lane(lanes, 2), f32x4.extract_lane(lanes, 3));
      total = joinOne(kind, low, high);
    }
    for (const end = from + (<usize>(length - full) << 2); from < end; from += 4) {
      total = joinOne(kind, total, load<f32>(from));
    }
    store<f32>(to, total);
    to += 4;
  }
}

@inline
function reduceColumns(kind: i32, length: i32, inner: i32, from: usize, to: usize): void {
  const rowBytes = <usize>inner << 2;
  const bytes = <usize>length * rowBytes;
  let j: i32 = 0;
  for (; j + 16 <= inner; j += 16) {
    let v0 = f32x4.splat(neutral(kind)), v1 = v0, v2 = v0, v3 = v0;
    for (let entry = from, end = from + bytes; entry < end; entry += rowBytes) {
      v0 = join(kind, v0, v128.load(entry));
      v1 = join(kind, v1, v128.load(entry, 16));
      v2 = join(kind, v2, v128.load(entry, 32));
      v3 = join(kind, v3, v128.load(entry, 48));
    }
    v128.store(to, v0); v128.store(to, v1, 16); v128.store(to, v2, 32); v128.store(to, v3, 48);
    from += 64;
    to += 64;
  }
  for (; j + 4 <= inner; j += 4) {
    let v0 = f32x4.splat(neutral(kind));
    for (let entry = from, end = from + bytes; entry < end; entry += rowBytes) v0 = join(kind, v0, v128.load(entry));
    v128.store(to, v0);
    from += 16;
    to += 16;
  }
  for (; j < inner; j++) {
    let total = neutral(kind);
    for (let entry = from, end = from + bytes; entry < end; entry += rowBytes) total = joinOne(kind, total, load<f32>(entry));
    store<f32>(to, total);
    from += 4;
    to += 4;
  }
}

@inline
function reduce(kind: i32, outer: i32, length: i32, inner: i32, from: usize, to: usize): void {
  if (inner == 1) {
    reduceRows(kind, outer, length, from, to);
    return;
  }
  const fromBytes = (<usize>length * <usize>inner) << 2;
  const toBytes = <usize>inner << 2;
  for (let i: i32 = 0; i < outer; i++) {
    reduceColumns(kind, length, inner, from, to);
    from += fromBytes;
    to += toBytes;
  }
}

export function sumAxis(outer: i32, length: i32, inner: i32, from: usize, to: usize): void {
  reduce(SUM, outer, length, inner, from, to);
}

export function multiplyAxis(outer: i32, length: i32, inner: i32, from: usize, to: usize): void {
  reduce(PRODUCT, outer, length, inner, from, to);
}

export function maximumAxis(outer: i32, length: i32, inner: i32, from: usize, to: usize): void {
  reduce(MAXIMUM, outer, length, inner, from, to);
}

export function minimumAxis(outer: i32, length: i32, inner: i32, from: usize, to: usize): void {
  reduce(MINIMUM, outer, length, inner, from, to);
}

/** Divides `count` values where they lie: the last step of a mean. */
export function divideInPlace(count: i32, values: usize, divisor: f32): void {
  const divisors = f32x4.splat(divisor);
  let i: i32 = 0;
  for (; i + 4 <= count; i += 4) {
    v128.store(values, f32x4.div(v128.load(values), divisors));
    values += 16;
  }
  for (; i < count; i++) {
    store<f32>(values, load<f32>(values) / divisor);
    values += 4;
  }
}
