/** target[i] += x[i] for `count` entries. */
export function addInPlace(count: i32, target: usize, x: usize): void {
  const end = target + (<usize>count << 2);
  for (const last = end - 16; target <= last && count >= 4; target += 16, x += 16) {
    v128.store(target, f32x4.add(v128.load(target), v128.load(x)));
  }
  for (; target < end; target += 4, x += 4) store<f32>(target, load<f32>(target) + load<f32>(x));
}

/** target[i] *= x[i] for `count` entries. */
export function multiplyInPlace(count: i32, target: usize, x: usize): void {
  const end = target + (<usize>count << 2);
  for (const last = end - 16; target <= last && count >= 4; target += 16, x += 16) {
    v128.store(target, f32x4.mul(v128.load(target), v128.load(x)));
  }
  for (; target < end; target += 4, x += 4) store<f32>(target, load<f32>(target) * load<f32>(x));
}
