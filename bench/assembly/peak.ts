/**
 * Multiplies and adds in registers, as the inner loop of a matrix product does, but without reading memory: 8 chains of
 * 4 lanes. Returns a value that depends on all, so that none is left out.
 */
export function multiplyAdd(rounds: i32, factor: f32): f32 {
  const a = f32x4.splat(factor);
  let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
  let b0 = f32x4.splat(1), b1 = f32x4.splat(2);
  for (let i: i32 = 0; i < rounds; i++) {
    c0 = f32x4.add(c0, f32x4.mul(a, b0)); c1 = f32x4.add(c1, f32x4.mul(a, b1));
    c2 = f32x4.add(c2, f32x4.mul(b0, b1)); c3 = f32x4.add(c3, f32x4.mul(b1, b1));
    c4 = f32x4.add(c4, f32x4.mul(a, b0)); c5 = f32x4.add(c5, f32x4.mul(a, b1));
    c6 = f32x4.add(c6, f32x4.mul(b0, b1)); c7 = f32x4.add(c7, f32x4.mul(b1, b1));
    b0 = v128.xor(b0, i32x4.splat(1)); b1 = v128.xor(b1, i32x4.splat(2));
  }
  const sum = f32x4.add(f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3)), f32x4.add(f32x4.add(c4, c5), f32x4.add(c6, c7)));
  return f32x4.extract_lane(sum, 0);
}
