// Looked up once: globals are slow in the contexts that tests run in.
const { fround } = Math;

/** One matrix product: A is [m, k] and B [k, n], or the other way round where transposed. */
export interface NaiveProductShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** The definition: each entry is `c = fround(c + fround(a * b))` from 0, over k in ascending order. */
export function naiveProduct(
  a: Float32Array,
  b: Float32Array,
  { m, n, k, transposeA, transposeB }: NaiveProductShape,
): Float32Array {
  const c = new Float32Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) {
        const left = a[transposeA ? p * m + i : i * k + p]!;
        const right = b[transposeB ? j * k + p : p * n + j]!;
        sum = fround(sum + fround(left * right));
      }
      c[i * n + j] = sum;
    }
  }
  return c;
}

/** The shapes of A and B as tfjs wants them. */
export function operandShapes({ m, n, k, transposeA, transposeB }: NaiveProductShape): {
  a: [number, number];
  b: [number, number];
} {
  return { a: transposeA ? [k, m] : [m, k], b: transposeB ? [n, k] : [k, n] };
}

/** The values' bits; the sign and payload of a NaN, which processors choose, are left out. */
export function bits(values: Float32Array): Buffer {
  const result = new Uint32Array(values.slice().buffer);
  values.forEach((value, index) => {
    if (Number.isNaN(value)) result[index] = 0x7fc00000;
  });
  return Buffer.from(result.buffer);
}
