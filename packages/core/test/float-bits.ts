const view = new DataView(new ArrayBuffer(8));

/** The double whose IEEE 754 bits are the given 16 hex digits. */
export function fromHex(hex: string): number {
  view.setBigUint64(0, BigInt(`0x${hex}`));
  return view.getFloat64(0);
}

/** How many doubles apart two numbers are; 0 only for the same bits (−0 is one from +0), infinite with a lone NaN. */
export function ulpsBetween(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Object.is(a, b) ? 0 : Infinity;
  if (a === b) return Object.is(a, b) ? 0 : 1;
  const distance = rank(a) - rank(b);
  return Number(distance < 0n ? -distance : distance);
}

function rank(x: number): bigint {
  view.setFloat64(0, x);
  const bits = view.getBigInt64(0);
  return bits < 0n ? -(1n << 63n) - bits : bits;
}
