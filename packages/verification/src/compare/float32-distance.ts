/**
 * How many steps from one float32 number to the next lead from `a` to `b` (units in the last place); 0 for equal
 * numbers, and for 0 and -0. Null if one is NaN.
 */
export function float32Distance(a: number, b: number): number | null {
  if (Number.isNaN(a) || Number.isNaN(b)) return null;
  return Math.abs(orderOf(a) - orderOf(b));
}

/** The place of a float32 number among all of them, 0 for zero: the bits of IEEE 754 count upwards with the magnitude. */
function orderOf(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  const bits = view.getInt32(0);
  return bits < 0 ? -(bits & 0x7fffffff) : bits;
}
