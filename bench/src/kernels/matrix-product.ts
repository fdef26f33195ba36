import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { installTrainingKernels } from '@pixelis/kernels';

import { MultiplyAddPeak } from '../multiply-add-peak';

/** A product that a training step makes: [batch, m, k] by [batch, k, n]. */
interface Case {
  readonly name: string;
  readonly batch?: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** With a bias and this function after it. */
  readonly activation?: 'linear' | 'relu' | 'sigmoid';
}

/** Values, gradients of inputs and gradients of weights of the layers of a transformer of that dimension. */
function transformer(dim: number, rows: number): Case[] {
  const layers = [
    { name: 'qkv', from: dim, to: 3 * dim },
    { name: 'out', from: dim, to: dim },
    { name: 'up', from: dim, to: 4 * dim },
    { name: 'down', from: 4 * dim, to: dim },
  ];
  return layers.flatMap(({ name, from, to }) => [
    { name: `${dim} ${name}`, m: rows, n: to, k: from },
    { name: `${dim} ${name}, inputs`, m: rows, n: from, k: to, transposeB: true },
    { name: `${dim} ${name}, weights`, m: from, n: to, k: rows, transposeA: true },
  ]);
}

const CASES: readonly Case[] = [
  // Shards of four images of 50 and 65 positions; a language model's shard; a whole batch.
  ...transformer(128, 200),
  ...transformer(192, 260),
  ...transformer(64, 320),
  { name: 'batch 128 qkv', m: 1600, n: 384, k: 128 },
  { name: 'batch 128 qkv, weights', m: 128, n: 384, k: 1600, transposeA: true },
  { name: 'bias', m: 200, n: 512, k: 128, activation: 'linear' },
  { name: 'bias, relu', m: 200, n: 512, k: 128, activation: 'relu' },
  { name: 'bias, sigmoid', m: 200, n: 512, k: 128, activation: 'sigmoid' },
  { name: 'attention scores 50', batch: 16, m: 50, n: 50, k: 32, transposeB: true },
  { name: 'attention values 50', batch: 16, m: 50, n: 32, k: 50 },
  { name: 'attention keys 50', batch: 16, m: 50, n: 32, k: 50, transposeA: true },
  { name: 'attention scores 65', batch: 16, m: 65, n: 65, k: 32, transposeB: true },
  { name: 'attention values 65', batch: 16, m: 65, n: 32, k: 65 },
  { name: 'square', m: 512, n: 512, k: 512 },
  { name: 'square, B transposed', m: 512, n: 512, k: 512, transposeB: true },
  { name: 'small', batch: 16, m: 16, n: 32, k: 16 },
  { name: 'one small', m: 16, n: 32, k: 16 },
  { name: 'one row', m: 1, n: 192, k: 64 },
  { name: 'one row, B transposed', m: 1, n: 192, k: 64, transposeB: true },
  { name: 'one column', m: 192, n: 1, k: 64 },
];

/** Both sides and the peak take turns for this time on each case; the best round of each counts, for others use the machine too. */
const CASE_MS = Number(process.env['BENCH_CASE_MS'] ?? 1500);
/** A round is short, so that some round of a busy machine is undisturbed. */
const ROUND_MS = 1;
/** Rounds of ours and of the peak to one of the stock kernel, which is slow enough to take most of the time. */
const OWN_ROUNDS = 5;

function operations({ batch = 1, m, n, k }: Case): number {
  return 2 * batch * m * n * k;
}

/** One product of that shape, on operands that are made once. */
function productOf({ batch, m, n, k, transposeA = false, transposeB = false, activation }: Case) {
  const leading = batch === undefined ? [] : [batch];
  const a = tf.randomUniform([...leading, ...(transposeA ? [k, m] : [m, k])], -1, 1);
  const b = tf.randomUniform([...leading, ...(transposeB ? [n, k] : [k, n])], -1, 1);
  if (activation === undefined) return () => tf.matMul(a, b, transposeA, transposeB).dispose();
  const bias = tf.randomUniform([n], -1, 1);
  return () => tf.dispose(tf.fused.matMul({ a, b, transposeA, transposeB, bias, activation }));
}

/** Gigaflops of one round. */
function measure(one: Case, product: () => void): number {
  const start = performance.now();
  let [repeats, elapsedMs] = [0, 0];
  do {
    product();
    repeats++;
    elapsedMs = performance.now() - start;
  } while (elapsedMs < ROUND_MS);
  return (operations(one) * repeats) / elapsedMs / 1e6;
}

/** The kernels in place for products. */
function kernelsInPlace(): tf.KernelConfig[] {
  return ['BatchMatMul', '_FusedMatMul'].map((name) => tf.getKernel(name, 'wasm'));
}

/** Changes sides without installing anew, which would compile the kernels anew. */
function use(kernels: readonly tf.KernelConfig[]): void {
  for (const kernel of kernels) {
    tf.unregisterKernel(kernel.kernelName, 'wasm');
    tf.registerKernel(kernel);
  }
}

/** Run with a word to measure only the cases whose name holds it. */
async function main([word = '']: readonly string[]): Promise<void> {
  await tf.setBackend('wasm');
  const stockKernels = kernelsInPlace();
  installTrainingKernels(tf);
  const ownKernels = kernelsInPlace();
  const peak = MultiplyAddPeak.create();
  const results = CASES.filter(({ name }) => name.includes(word)).map((one) => {
    const product = productOf(one);
    let [stock, ours] = [0, 0];
    const end = performance.now() + CASE_MS;
    while (performance.now() < end) {
      use(stockKernels);
      stock = Math.max(stock, measure(one, product));
      use(ownKernels);
      for (let round = 0; round < OWN_ROUNDS; round++) {
        ours = Math.max(ours, measure(one, product));
        peak.measure(ROUND_MS);
      }
    }
    return { one, stock, ours };
  });
  console.log(`Node ${process.version} on ${process.arch}, one thread`);
  console.log(`Peak of multiply and add in four lanes: ${peak.best.toFixed(1)} GFLOP/s`);
  console.log('GFLOP/s                 batch x m x n x k     stock    ours   ratio  of peak');
  for (const { one, stock, ours } of results) {
    const shape = [one.batch ?? 1, one.m, one.n, one.k].join(' x ');
    const share = `${((100 * ours) / peak.best).toFixed(0)} %`;
    const columns = [stock.toFixed(1), ours.toFixed(1), (ours / stock).toFixed(1), share];
    console.log(
      one.name.padEnd(24) + shape.padEnd(22) + columns.map((text) => text.padStart(8)).join(''),
    );
  }
}

void main(process.argv.slice(2));
