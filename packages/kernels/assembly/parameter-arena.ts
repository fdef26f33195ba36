// The arithmetic of a training step on flat vectors of float32 in memory that threads share. Addresses are bytes, counts
// are entries; every entry is rounded to float32 after each operation, in the order written.

/** Bytes of a vector of four float32. */
const VECTOR: usize = 16;

/** Entries whose squares are summed together; `BLOCK_ENTRIES` on the TypeScript side. */
const BLOCK = 512;

/** total[i] = total[i] + addend[i] */
export function add(count: i32, total: usize, addend: usize): void {
  const end = total + ((<usize>count) << 2);
  const vectorEnd = total + ((<usize>(count & ~3)) << 2);
  for (; total < vectorEnd; total += VECTOR, addend += VECTOR) {
    v128.store(total, f32x4.add(v128.load(total), v128.load(addend)));
  }
  for (; total < end; total += 4, addend += 4) {
    store<f32>(total, load<f32>(total) + load<f32>(addend));
  }
}

/**
 * values[i] = values[i] / divisor, and for each block of 512 entries the sum of the squares of what came out. In a block,
 * lane j of sixteen adds entries ≡ j mod 16 in ascending order from 0; then lanes s0…s15 give t_j = (s_j + s_{j+4}) +
 * (s_{j+8} + s_{j+12}) for j of 0…3, and these (t0 + t1) + (t2 + t3).
 */
export function average(blocks: i32, values: usize, divisor: f32, squares: usize): void {
  const by = f32x4.splat(divisor);
  for (let block = 0; block < blocks; block++, squares += 4) {
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let d = f32x4.splat(0);
    for (const end = values + (BLOCK << 2); values < end; values += 4 * VECTOR) {
      const x = f32x4.div(v128.load(values), by);
      const y = f32x4.div(v128.load(values, VECTOR), by);
      const z = f32x4.div(v128.load(values, 2 * VECTOR), by);
      const w = f32x4.div(v128.load(values, 3 * VECTOR), by);
      v128.store(values, x);
      v128.store(values, y, VECTOR);
      v128.store(values, z, 2 * VECTOR);
      v128.store(values, w, 3 * VECTOR);
      a = f32x4.add(a, f32x4.mul(x, x));
      b = f32x4.add(b, f32x4.mul(y, y));
      c = f32x4.add(c, f32x4.mul(z, z));
      d = f32x4.add(d, f32x4.mul(w, w));
    }
    const t = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
    store<f32>(
      squares,
      f32x4.extract_lane(t, 0) +
        f32x4.extract_lane(t, 1) +
        (f32x4.extract_lane(t, 2) + f32x4.extract_lane(t, 3)),
    );
  }
}

/**
 * AdamW on `count` entries: g = gradient · factor; m = m · beta1 + g · rest1; v = v · beta2 + (g · g) · rest2;
 * p = p · kept − (m / (√v / rootCorrection + epsilon)) · stepSize.
 */
export function adamW(
  count: i32,
  parameters: usize,
  firstMoments: usize,
  secondMoments: usize,
  gradients: usize,
  factor: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  rootCorrection: f32,
  epsilon: f32,
  stepSize: f32,
  kept: f32,
): void {
  const bytes = (<usize>count) << 2;
  const vectorBytes = (<usize>(count & ~3)) << 2;
  let at: usize = 0;
  for (; at < vectorBytes; at += VECTOR) {
    const g = f32x4.mul(v128.load(gradients + at), f32x4.splat(factor));
    const m = f32x4.add(
      f32x4.mul(v128.load(firstMoments + at), f32x4.splat(beta1)),
      f32x4.mul(g, f32x4.splat(rest1)),
    );
    const v = f32x4.add(
      f32x4.mul(v128.load(secondMoments + at), f32x4.splat(beta2)),
      f32x4.mul(f32x4.mul(g, g), f32x4.splat(rest2)),
    );
    const root = f32x4.div(f32x4.sqrt(v), f32x4.splat(rootCorrection));
    const direction = f32x4.div(m, f32x4.add(root, f32x4.splat(epsilon)));
    v128.store(firstMoments + at, m);
    v128.store(secondMoments + at, v);
    v128.store(
      parameters + at,
      f32x4.sub(
        f32x4.mul(v128.load(parameters + at), f32x4.splat(kept)),
        f32x4.mul(direction, f32x4.splat(stepSize)),
      ),
    );
  }
  for (; at < bytes; at += 4) {
    const g = load<f32>(gradients + at) * factor;
    const m = load<f32>(firstMoments + at) * beta1 + g * rest1;
    const v = load<f32>(secondMoments + at) * beta2 + g * g * rest2;
    const direction = m / (sqrt<f32>(v) / rootCorrection + epsilon);
    store<f32>(firstMoments + at, m);
    store<f32>(secondMoments + at, v);
    store<f32>(parameters + at, load<f32>(parameters + at) * kept - direction * stepSize);
  }
}
