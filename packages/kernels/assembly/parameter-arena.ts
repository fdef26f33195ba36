/** target[i] = 0 for `count` float32 entries. */
export function clear(count: i32, target: usize): void {
  memory.fill(target, 0, (<usize>count) << 2);
}
