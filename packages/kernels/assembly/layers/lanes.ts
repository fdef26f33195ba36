/**
 * Vectors of four float32 entries at the ends of rows, and sums of their lanes. A row's entries are summed in four or in
 * sixteen partial sums from +0, partial j taking the entries j, j + 4 (or j + 16), … in ascending order; an entry that
 * lacks in the last vector counts as +0, which changes no partial sum, since none is ever −0.
 */

@inline
export function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}

/** All bits set in the first `count` lanes: none if it is not positive, all if it is 4 or more. */
@inline
export function laneMask(count: i32): v128 {
  return i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3));
}

/** The first `count` entries, at least one, in a vector that is zero elsewhere; what lies behind them is not read. */
export function loadFirst(address: usize, count: i32): v128 {
  if (count >= 4) return v128.load(address);
  if (count == 1) return v128.load32_zero(address);
  const two = v128.load64_zero(address);
  return count == 2 ? two : v128.load32_lane(address, two, 2, 8);
}

/** Stores the first `count` lanes, at least one, and nothing behind them. */
@inline
export function storeFirst(address: usize, value: v128, count: i32): void {
  if (count >= 4) {
    v128.store(address, value);
  } else if (count == 1) {
    v128.store32_lane(address, value, 0);
  } else {
    v128.store64_lane(address, value, 0);
    if (count == 3) v128.store32_lane(address, value, 2, 8);
  }
}

@inline
function swapNeighbours(value: v128): v128 {
  return v128.shuffle<f32>(value, value, 1, 0, 3, 2);
}

@inline
function swapHalves(value: v128): v128 {
  return v128.shuffle<f32>(value, value, 2, 3, 0, 1);
}

/** (lane 0 + lane 1) + (lane 2 + lane 3), in all lanes. */
@inline
export function addLanes(sums: v128): v128 {
  const pairs = f32x4.add(sums, swapNeighbours(sums));
  return f32x4.add(pairs, swapHalves(pairs));
}

/**
 * The end of sixteen partial sums, in all lanes: lane by lane (s0 + s2) + (s1 + s3), then the lanes. Turning the four
 * vectors round changes nothing, so a loop may turn them to reach the next.
 */
@inline
export function addSixteen(s0: v128, s1: v128, s2: v128, s3: v128): v128 {
  return addLanes(f32x4.add(f32x4.add(s0, s2), f32x4.add(s1, s3)));
}

/** The largest lane, in all lanes; anything if one is NaN. */
@inline
export function largestLane(value: v128): v128 {
  const pairs = f32x4.pmax(value, swapNeighbours(value));
  return f32x4.pmax(pairs, swapHalves(pairs));
}

@inline
export function firstLane(value: v128): f32 {
  return f32x4.extract_lane(value, 0);
}

/** target[i] = 0; a loop, for short rows are cleared sooner than the engine's own fill is called. */
export function clear(count: i32, target: usize): void {
  let i: i32 = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(target, i), f32x4.splat(0));
  for (; i < count; i++) store<f32>(at(target, i), 0);
}
