/**
 * Layer normalisation (Ba, Kiros & Hinton 2016) of rows and its gradient. All sums over a row are of sixteen partial
 * sums (see ./lanes); every operation rounds to float32.
 */
import { addSixteen, at, clear, firstLane, laneMask, loadFirst } from './lanes';

function rowSum(dim: i32, x: usize): f32 {
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
  let j: i32 = 0;
  for (; j + 16 <= dim; j += 16) {
    const from = at(x, j);
    s0 = f32x4.add(s0, v128.load(from));
    s1 = f32x4.add(s1, v128.load(from, 16));
    s2 = f32x4.add(s2, v128.load(from, 32));
    s3 = f32x4.add(s3, v128.load(from, 48));
  }
  for (; j < dim; j += 4) {
    const next = f32x4.add(s0, loadFirst(at(x, j), dim - j));
    s0 = s1; s1 = s2; s2 = s3; s3 = next;
  }
  return firstLane(addSixteen(s0, s1, s2, s3));
}

@inline
function squareOfDifference(value: v128, mean: v128): v128 {
  const difference = f32x4.sub(value, mean);
  return f32x4.mul(difference, difference);
}

/** Sum of (x − mean)². */
function squareSum(dim: i32, x: usize, rowMean: f32): f32 {
  const mean = f32x4.splat(rowMean);
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
  let j: i32 = 0;
  for (; j + 16 <= dim; j += 16) {
    const from = at(x, j);
    s0 = f32x4.add(s0, squareOfDifference(v128.load(from), mean));
    s1 = f32x4.add(s1, squareOfDifference(v128.load(from, 16), mean));
    s2 = f32x4.add(s2, squareOfDifference(v128.load(from, 32), mean));
    s3 = f32x4.add(s3, squareOfDifference(v128.load(from, 48), mean));
  }
  for (; j < dim; j += 4) {
    const square = squareOfDifference(loadFirst(at(x, j), dim - j), mean);
    const next = f32x4.add(s0, v128.and(square, laneMask(dim - j)));
    s0 = s1; s1 = s2; s2 = s3; s3 = next;
  }
  return firstLane(addSixteen(s0, s1, s2, s3));
}

/**
 * mean = Σx / dim, inverse = 1 / √(Σ(x − mean)² / dim + epsilon), value = ((x − mean) · inverse) · weight + bias for
 * each row of x [rows, dim].
 */
export function layerNorm(
  rows: i32, dim: i32, x: usize, weight: usize, bias: usize, epsilon: f32,
  value: usize, means: usize, inverses: usize,
): void {
  for (let i: i32 = 0; i < rows; i++) {
    const mean = rowSum(dim, x) / <f32>dim;
    const inverse: f32 = 1 / sqrt<f32>(squareSum(dim, x, mean) / <f32>dim + epsilon);
    store<f32>(at(means, i), mean);
    store<f32>(at(inverses, i), inverse);
    const mean4 = f32x4.splat(mean), inverse4 = f32x4.splat(inverse);
    let j: i32 = 0;
    for (; j + 4 <= dim; j += 4) {
      const hat = f32x4.mul(f32x4.sub(v128.load(at(x, j)), mean4), inverse4);
      v128.store(at(value, j), f32x4.add(f32x4.mul(hat, v128.load(at(weight, j))), v128.load(at(bias, j))));
    }
    for (; j < dim; j++) {
      const hat: f32 = (load<f32>(at(x, j)) - mean) * inverse;
      store<f32>(at(value, j), hat * load<f32>(at(weight, j)) + load<f32>(at(bias, j)));
    }
    x = at(x, dim);
    value = at(value, dim);
  }
}

/**
 * The gradient of `layerNorm`. With x̂ = (x − mean) · inverse and d = dy · weight, both rounded,
 * dx = ((d − Σd / dim) − x̂ · (Σ(d · x̂) / dim)) · inverse; dWeight = Σ dy · x̂ and dBias = Σ dy are chains from +0 over the
 * rows in ascending order.
 */
export function layerNormGradient(
  rows: i32, dim: i32, dy: usize, x: usize, weight: usize, means: usize, inverses: usize,
  dx: usize, dWeight: usize, dBias: usize,
): void {
  clear(dim, dWeight);
  clear(dim, dBias);
  for (let i: i32 = 0; i < rows; i++) {
    rowGradient(dim, dy, x, weight, load<f32>(at(means, i)), load<f32>(at(inverses, i)), dx, dWeight, dBias);
    dy = at(dy, dim);
    x = at(x, dim);
    dx = at(dx, dim);
  }
}

function rowGradient(
  dim: i32, dy: usize, x: usize, weight: usize, mean: f32, inverse: f32,
  dx: usize, dWeight: usize, dBias: usize,
): void {
  const mean4 = f32x4.splat(mean), inverse4 = f32x4.splat(inverse);
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
  let t0 = f32x4.splat(0), t1 = f32x4.splat(0), t2 = f32x4.splat(0), t3 = f32x4.splat(0);
  let j: i32 = 0;
  for (; j < dim; j += 4) {
    const count = dim - j;
    let d: v128, hat: v128;
    if (count >= 4) {
      d = f32x4.mul(v128.load(at(dy, j)), v128.load(at(weight, j)));
      hat = f32x4.mul(f32x4.sub(v128.load(at(x, j)), mean4), inverse4);
    } else {
      const mask = laneMask(count);
      d = f32x4.mul(loadFirst(at(dy, j), count), loadFirst(at(weight, j), count));
      hat = v128.and(f32x4.mul(f32x4.sub(loadFirst(at(x, j), count), mean4), inverse4), mask);
    }
    const s = f32x4.add(s0, d);
    const t = f32x4.add(t0, f32x4.mul(d, hat));
    s0 = s1; s1 = s2; s2 = s3; s3 = s;
    t0 = t1; t1 = t2; t2 = t3; t3 = t;
  }
  const slope: f32 = firstLane(addSixteen(s0, s1, s2, s3)) / <f32>dim;
  const along: f32 = firstLane(addSixteen(t0, t1, t2, t3)) / <f32>dim;
  const slope4 = f32x4.splat(slope), along4 = f32x4.splat(along);
  for (j = 0; j + 4 <= dim; j += 4) {
    const g = v128.load(at(dy, j));
    const hat = f32x4.mul(f32x4.sub(v128.load(at(x, j)), mean4), inverse4);
    const centred = f32x4.sub(f32x4.mul(g, v128.load(at(weight, j))), slope4);
    v128.store(at(dx, j), f32x4.mul(f32x4.sub(centred, f32x4.mul(hat, along4)), inverse4));
    v128.store(at(dWeight, j), f32x4.add(v128.load(at(dWeight, j)), f32x4.mul(g, hat)));
    v128.store(at(dBias, j), f32x4.add(v128.load(at(dBias, j)), g));
  }
  for (; j < dim; j++) {
    const g = load<f32>(at(dy, j));
    const hat: f32 = (load<f32>(at(x, j)) - mean) * inverse;
    store<f32>(at(dx, j), ((g * load<f32>(at(weight, j)) - slope) - hat * along) * inverse);
    store<f32>(at(dWeight, j), load<f32>(at(dWeight, j)) + g * hat);
    store<f32>(at(dBias, j), load<f32>(at(dBias, j)) + g);
  }
}
