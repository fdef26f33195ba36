import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
// eslint-disable-next-line @nx/enforce-module-boundaries -- what is measured is the package as it is built
import { installTrainingKernels } from '@pixelis/kernels';

/** A product that a training step of a small transformer makes: forward, or one of its two gradients. */
interface Case {
  readonly name: string;
  readonly batch?: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

const CASES: readonly Case[] = [
  { name: 'square', m: 512, n: 512, k: 512 },
  { name: 'square, B transposed', m: 512, n: 512, k: 512, transposeB: true },
  { name: 'square, A transposed', m: 512, n: 512, k: 512, transposeA: true },
  { name: 'projection', m: 320, n: 192, k: 64 },
  { name: 'feed-forward', m: 320, n: 256, k: 64 },
  { name: 'gradient of weights', m: 64, n: 192, k: 2560, transposeA: true },
  { name: 'gradient of inputs', m: 320, n: 64, k: 192, transposeB: true },
  { name: 'attention scores', batch: 16, m: 40, n: 40, k: 32, transposeB: true },
  { name: 'attention values', batch: 16, m: 40, n: 32, k: 40 },
  { name: 'small', batch: 16, m: 16, n: 32, k: 16 },
  { name: 'one small', m: 16, n: 32, k: 16 },
  { name: 'one row', m: 1, n: 192, k: 64 },
];

/** Both sides take turns for this time on each case; the best round of each counts, for others use the machine too. */
const CASE_MS = 3000;
/** Work of one round: a millisecond or so. */
const ROUND_FLOATING_POINT_OPERATIONS = 2e7;

function operations({ batch = 1, m, n, k }: Case): number {
  return 2 * batch * m * n * k;
}

function operands({ batch, m, n, k, transposeA, transposeB }: Case): [tf.Tensor, tf.Tensor] {
  const leading = batch === undefined ? [] : [batch];
  const a = [...leading, ...(transposeA === true ? [k, m] : [m, k])];
  const b = [...leading, ...(transposeB === true ? [n, k] : [k, n])];
  return [tf.randomUniform(a, -1, 1), tf.randomUniform(b, -1, 1)];
}

/** Gigaflops of one round. */
function measure(one: Case, [a, b]: [tf.Tensor, tf.Tensor]): number {
  const repeats = Math.max(1, Math.round(ROUND_FLOATING_POINT_OPERATIONS / operations(one)));
  const start = performance.now();
  for (let index = 0; index < repeats; index++) {
    tf.matMul(a, b, one.transposeA, one.transposeB).dispose();
  }
  return (operations(one) * repeats) / (performance.now() - start) / 1e6;
}

/** Changes sides without installing anew, which would compile the kernels anew. */
function use(kernel: tf.KernelConfig): void {
  tf.unregisterKernel('BatchMatMul', 'wasm');
  tf.registerKernel(kernel);
}

async function main(): Promise<void> {
  await tf.setBackend('wasm');
  const stockKernel = tf.getKernel('BatchMatMul', 'wasm');
  installTrainingKernels(tf);
  const ownKernel = tf.getKernel('BatchMatMul', 'wasm');
  console.log(`Node ${process.version} on ${process.arch}, GFLOP/s of one thread`);
  console.log('case                      batch x m x n x k     stock    ours   ratio');
  for (const one of CASES) {
    const inputs = operands(one);
    let [stock, ours] = [0, 0];
    const end = performance.now() + CASE_MS;
    while (performance.now() < end) {
      use(stockKernel);
      stock = Math.max(stock, measure(one, inputs));
      use(ownKernel);
      ours = Math.max(ours, measure(one, inputs));
    }
    tf.dispose(inputs);
    const shape = [one.batch ?? 1, one.m, one.n, one.k].join(' x ');
    const columns = [stock.toFixed(1), ours.toFixed(1), (ours / stock).toFixed(1)];
    console.log(
      one.name.padEnd(24) + shape.padEnd(22) + columns.map((text) => text.padStart(8)).join(''),
    );
  }
}

void main();
