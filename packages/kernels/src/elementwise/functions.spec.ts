import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { math } from '@pixelis/core';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';

import { unaryDefinitions } from '../../test/elementwise-definitions';
import { bits } from '../../test/naive-product';
import { type InstalledKernels, installTrainingKernels } from '../index';

/** In ULP; assembly/functions.ts states them. Sweeps came within a tenth of them. */
const bounds = {
  Exp: 1,
  Expm1: 1.2,
  Log: 0.9,
  Log1p: 1.1,
  Tanh: 1.4,
  Erf: 1.4,
  Sigmoid: 2.5,
  Softplus: 1.9,
} as const;

type FunctionName = keyof typeof bounds;

const names = Object.keys(bounds).filter((name): name is FunctionName => name in bounds);

const fixtures = JSON.parse(
  readFileSync(join(__dirname, '..', '..', 'fixtures', 'functions.json'), 'utf8'),
) as Record<FunctionName, string[]>;

/** In double precision. */
const references: Readonly<Record<FunctionName, (x: number) => number>> = {
  Exp: (x) => math.exp(x),
  Expm1: Math.expm1,
  Log: (x) => math.log(x),
  Log1p: Math.log1p,
  Tanh: (x) => math.tanh(x),
  Erf: (x) => math.erf(x),
  Sigmoid: (x) => 1 / (1 + math.exp(-x)),
  Softplus: (x) => Math.max(x, 0) + Math.log1p(math.exp(-Math.abs(x))),
};

/** Every how many-th float32 the sweep takes; with 997 it takes minutes, and all 2^32 of them with 1, for days. */
const SWEEP_STRIDE = Number(process.env['PIXELIS_SWEEP_STRIDE'] ?? 300_007);
const SWEEP_TIMEOUT_MS = 2 ** 31 - 1;

describe.each(names)('kernel %s', (name) => {
  let installed: InstalledKernels;

  beforeAll(async () => {
    tf.env().set('IS_TEST', true);
    await tf.setBackend('wasm');
    installed = installTrainingKernels(tf);
  });
  afterAll(() => installed.uninstall());

  it('is within its bound of the exact values of its fixture, with their signs, zeros and infinities', () => {
    const { x, exact } = fixture(name);
    expect(x.length).toBeGreaterThan(1000);
    expect(largestError(x, run(name, x), exact)).toBeLessThanOrEqual(bounds[name]);
  });

  it('has the bits of its definition at the points of its fixture', () => {
    const { x } = fixture(name);
    expect(bits(run(name, x))).toEqual(bits(x.map(unaryDefinitions[name]!)));
  });

  it('gives NaN for NaN and its limits at the infinities', () => {
    const [atNaN, above, below] = run(name, new Float32Array([NaN, Infinity, -Infinity]));
    expect(atNaN).toBeNaN();
    expect([above, below]).toEqual([Infinity, -Infinity].map((x) => references[name](x)));
  });

  it(
    'is within its bound, and has the bits of its definition, all over float32',
    () => {
      const chunk = 1 << 16;
      for (let first = 0; first < 2 ** 32; first += chunk * SWEEP_STRIDE) {
        const count = Math.min(chunk, Math.ceil((2 ** 32 - first) / SWEEP_STRIDE));
        const patterns = Uint32Array.from({ length: count }, (_, i) => first + i * SWEEP_STRIDE);
        const x = new Float32Array(patterns.buffer);
        const y = run(name, x);
        expect(largestError(x, y, Float64Array.from(x, references[name]))).toBeLessThanOrEqual(
          bounds[name],
        );
        expect(bits(y).equals(bits(x.map(unaryDefinitions[name]!)))).toBe(true);
      }
    },
    SWEEP_TIMEOUT_MS,
  );
});

function run(name: FunctionName, x: Float32Array): Float32Array {
  return tf.tidy(() =>
    Float32Array.from(
      tf
        .engine()
        .runKernel<tf.Tensor>(name, { x: tf.tensor1d(x) })
        .dataSync(),
    ),
  );
}

function fixture(name: FunctionName): { x: Float32Array; exact: Float64Array } {
  const rows = fixtures[name].map((row) => row.split(' ').map((text) => Buffer.from(text, 'hex')));
  return {
    x: Float32Array.from(rows, ([x]) => x!.readFloatBE()),
    exact: Float64Array.from(rows, ([, exact]) => exact!.readDoubleBE()),
  };
}

/** In units in the last place of the exact values; Infinity where a NaN, an infinity or the sign of a zero is wrong. */
function largestError(x: Float32Array, y: Float32Array, exact: Float64Array): number {
  let largest = 0;
  x.forEach((_, index) => {
    const error = errorOf(y[index]!, exact[index]!);
    if (error > largest) largest = error;
  });
  return largest;
}

function errorOf(actual: number, exact: number): number {
  const nearest = Math.fround(exact);
  if (!Number.isFinite(nearest) || nearest === 0) {
    if (Object.is(actual, nearest)) return 0;
    if (nearest !== 0) return Infinity;
  }
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(nearest))), -126);
  const error = Math.abs(actual - exact) / 2 ** (exponent - 23);
  return Number.isNaN(error) ? Infinity : error;
}
