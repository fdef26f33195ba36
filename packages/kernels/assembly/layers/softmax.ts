/**
 * Softmax of rows. The largest entry is taken off first, so that no exponential is above 1; exponentials are summed in
 * four partial sums (see ./lanes), and each is multiplied by the rounded inverse of their sum.
 */
import { exponential, logarithm } from '../functions';
import { addLanes, at, firstLane, laneMask, largestLane, loadFirst, storeFirst } from './lanes';

/** The largest of `count` entries, at least one, in all lanes; anything if one is NaN, for then the sum of exponentials is too. */
export function rowMaximum(count: i32, x: usize): v128 {
  if (count < 8) {
    let largest = v128.load32_splat(x);
    for (let j: i32 = 1; j < count; j++) largest = f32x4.pmax(largest, v128.load32_splat(at(x, j)));
    return largest;
  }
  // The last vectors may overlap those before: an entry seen twice changes no maximum.
  let even = v128.load(at(x, count - 8)), odd = v128.load(at(x, count - 4));
  for (let j: i32 = 0; j + 8 < count; j += 8) {
    even = f32x4.pmax(even, v128.load(at(x, j)));
    odd = f32x4.pmax(odd, v128.load(at(x, j), 16));
  }
  return largestLane(f32x4.pmax(even, odd));
}

@inline
function scaledExponential(value: v128, maximum: v128, scale: v128): v128 {
  return exponential(f32x4.mul(f32x4.sub(value, maximum), scale));
}

/** out[j] = exp((x[j] − maximum) · scale), which may be in place; returns their sum, in all lanes. */
@inline
export function exponentials(count: i32, x: usize, maximum: v128, scale: v128, out: usize): v128 {
  let sums = f32x4.splat(0);
  let j: i32 = 0;
  for (; j + 8 <= count; j += 8) {
    const first = scaledExponential(v128.load(at(x, j)), maximum, scale);
    const second = scaledExponential(v128.load(at(x, j), 16), maximum, scale);
    v128.store(at(out, j), first);
    v128.store(at(out, j), second, 16);
    sums = f32x4.add(f32x4.add(sums, first), second);
  }
  for (; j < count; j += 4) {
    const e = scaledExponential(loadFirst(at(x, j), count - j), maximum, scale);
    storeFirst(at(out, j), e, count - j);
    sums = f32x4.add(sums, v128.and(e, laneMask(count - j)));
  }
  return addLanes(sums);
}

/** row[j] = row[j] · factor, which is in all lanes. */
@inline
export function multiplyRow(count: i32, row: usize, factor: v128): void {
  let j: i32 = 0;
  for (; j + 4 <= count; j += 4) v128.store(at(row, j), f32x4.mul(v128.load(at(row, j)), factor));
  if (j < count) storeFirst(at(row, j), f32x4.mul(loadFirst(at(row, j), count - j), factor), count - j);
}

/**
 * out = exp((x − maximum) · scale) / sum of the exponentials, for a row of at least one entry, which may be in place;
 * returns that sum.
 */
export function softmaxRow(count: i32, x: usize, scale: f32, out: usize): f32 {
  const sum = exponentials(count, x, rowMaximum(count, x), f32x4.splat(scale), out);
  multiplyRow(count, out, f32x4.div(f32x4.splat(1), sum));
  return firstLane(sum);
}

/** Softmax of every row of x [rows, columns]. */
export function softmax(rows: i32, columns: i32, x: usize, out: usize): void {
  for (let i: i32 = 0; i < rows; i++) {
    softmaxRow(columns, x, 1, out);
    x = at(x, columns);
    out = at(out, columns);
  }
}

/** (x − maximum) − log of the sum of exponentials, for every row of x [rows, columns]. */
export function logSoftmax(rows: i32, columns: i32, x: usize, out: usize): void {
  for (let i: i32 = 0; i < rows; i++) {
    const maximum = rowMaximum(columns, x);
    const logSum = logarithm(exponentials(columns, x, maximum, f32x4.splat(1), out));
    for (let j: i32 = 0; j < columns; j += 4) {
      const difference = f32x4.sub(loadFirst(at(x, j), columns - j), maximum);
      storeFirst(at(out, j), f32x4.sub(difference, logSum), columns - j);
    }
    x = at(x, columns);
    out = at(out, columns);
  }
}
