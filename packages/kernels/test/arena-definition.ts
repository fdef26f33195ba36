import type { AdamWScalars } from '../src/arena/parameter-arena';

const f = Math.fround;

/** Flat vectors of a model. */
export interface Vectors {
  readonly parameters: Float32Array;
  readonly firstMoments: Float32Array;
  readonly secondMoments: Float32Array;
}

/** The definition of shard sums: ((g₀ + g₁) + g₂) + … entry by entry, each sum rounded to float32. */
export function sumOfShards(gradients: readonly Float32Array[]): Float32Array {
  const [first, ...others] = gradients;
  const total = Float32Array.from(first ?? []);
  for (const gradient of others)
    for (const [i, value] of gradient.entries()) total[i] = f(total[i]! + value);
  return total;
}

/** The definition of the norm: blocks of 512 in sixteen lanes of float32, their sums added in float64. */
export function normOf(gradient: Float32Array): number {
  let sum = 0;
  for (let first = 0; first < gradient.length; first += 512) {
    const lanes = new Float32Array(16);
    for (let i = 0; i < 512; i++) {
      const value = gradient[first + i] ?? 0;
      lanes[i % 16] = f(lanes[i % 16]! + f(value * value));
    }
    const [t0, t1, t2, t3] = [0, 1, 2, 3].map((j) =>
      f(f(lanes[j]! + lanes[j + 4]!) + f(lanes[j + 8]! + lanes[j + 12]!)),
    );
    sum += f(f(t0! + t1!) + f(t2! + t3!));
  }
  return Math.sqrt(sum);
}

/** The definition of AdamW, each operation rounded to float32. */
export function adamWOf(
  { parameters, firstMoments, secondMoments }: Vectors,
  gradient: Float32Array,
  options: AdamWScalars & {
    readonly factor: number;
    readonly isDecayed: (entry: number) => boolean;
  },
): Vectors {
  const { beta1, beta2, stepSize, rootCorrection, epsilon, decay, factor, isDecayed } = options;
  const m = new Float32Array(gradient.length);
  const v = new Float32Array(gradient.length);
  const p = new Float32Array(gradient.length);
  for (const [i, raw] of gradient.entries()) {
    const g = f(raw * f(factor));
    m[i] = f(f(firstMoments[i]! * f(beta1)) + f(g * f(1 - beta1)));
    v[i] = f(f(secondMoments[i]! * f(beta2)) + f(f(g * g) * f(1 - beta2)));
    const denominator = f(f(f(Math.sqrt(v[i])) / f(rootCorrection)) + f(epsilon));
    const update = f(f(m[i] / denominator) * f(stepSize));
    p[i] = f(f(parameters[i]! * f(isDecayed(i) ? 1 - decay : 1)) - update);
  }
  return { parameters: p, firstMoments: m, secondMoments: v };
}
