import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { type FusedLayers, fusedLayers, installTrainingKernels } from '@pixelis/kernels';

/** Heads of small transformers: batch × length × heads × dim of a head. */
const HEADS = [
  { batch: 8, length: 50, heads: 4, headDim: 32 },
  { batch: 8, length: 65, heads: 3, headDim: 64 },
  { batch: 4, length: 128, heads: 2, headDim: 64 },
];
/** Rows × columns of what is normalised and summed. */
const MATRICES = [
  [1600, 128],
  [400, 192],
  [333, 65],
] as const;

/** All sides take turns for this time on each case; the best round of each counts, for others use the machine too. */
const CASE_MS = Number(process.env['PIXELIS_BENCH_CASE_MS'] ?? 3000);
const ROUND_MS = 1;

/** Nanoseconds of a call of each side. */
function measure(sides: readonly (() => unknown)[]): number[] {
  const best = sides.map(() => Infinity);
  const end = performance.now() + CASE_MS;
  while (performance.now() < end) {
    for (const [index, side] of sides.entries()) {
      const start = performance.now();
      let calls = 0;
      do {
        tf.tidy(() => void side());
        calls++;
      } while (performance.now() - start < ROUND_MS);
      best[index] = Math.min(best[index]!, (performance.now() - start) / calls);
    }
  }
  return best.map((milliseconds) => milliseconds * 1e6);
}

/** The products alone, the same layer composed of kernels on heads that lie apart already, and the fused one. */
function benchAttention(layers: FusedLayers, one: (typeof HEADS)[number], isCausal: boolean): void {
  const { batch, length, heads, headDim } = one;
  const options = { batch, length, heads, isCausal };
  const random = (...shape: number[]): tf.Tensor => tf.randomUniform(shape, -1, 1);
  const packed = random(batch * length, 3 * heads * headDim);
  const dy = random(batch * length, heads * headDim);
  const { probabilities } = layers.attention(packed, options);
  const [q, k, v] = [0, 1, 2].map(() => random(batch * heads, length, headDim)) as [tf.Tensor, tf.Tensor, tf.Tensor]; // prettier-ignore
  const p = tf.softmax(random(batch * heads, length, length));
  const forward = measure([
    () => [tf.matMul(q, k, false, true), tf.matMul(p, v)],
    () => tf.matMul(tf.softmax(tf.mul(tf.matMul(q, k, false, true), 0.1)), v),
    () => layers.attention(packed, options),
  ]);
  const backward = measure([
    () => [tf.matMul(q, v, false, true), tf.matMul(p, k), tf.matMul(p, q, true), tf.matMul(p, v, true)],
    () => {
      const weighted = tf.mul(tf.matMul(q, v, false, true), p);
      const dScores = tf.mul(tf.sub(weighted, tf.mul(p, tf.sum(weighted, -1, true))), 0.1);
      return [tf.matMul(dScores, k), tf.matMul(dScores, q, true), tf.matMul(p, q, true)];
    },
    () => layers.attentionGradient({ dy, packed, probabilities }, options),
  ]); // prettier-ignore
  const flops = 4 * batch * heads * length * length * headDim;
  const columns = [...row(forward, flops), ...row(backward, 2 * flops)];
  const name = `${length} x ${length} x ${headDim}${isCausal ? ' causal' : ''}`;
  console.log(name.padEnd(24) + columns.map((text) => text.padStart(10)).join(''));
  tf.dispose([packed, dy, probabilities, q, k, v, p]);
}

function row([products, composed, fused]: number[], flops: number): string[] {
  return [
    (flops / products!).toFixed(1),
    (flops / fused!).toFixed(1),
    `${((100 * (fused! - products!)) / products!).toFixed(0)} %`,
    (composed! / fused!).toFixed(2),
  ];
}

function benchRows(layers: FusedLayers, [rows, columns]: (typeof MATRICES)[number]): void {
  const x = tf.randomUniform([rows, columns], -1, 1);
  const [weight, bias, dy] = [tf.ones([columns]), tf.zeros([columns]), tf.scalar(1)];
  const { mean, inverseDeviation } = layers.layerNorm(x, { weight, bias, epsilon: 1e-6 });
  const labels = { targets: tf.fill([rows], 3, 'int32'), weights: tf.ones([rows]) };
  const probabilities = tf.softmax(x);
  const times = measure([
    () => layers.layerNorm(x, { weight, bias, epsilon: 1e-6 }),
    () => layers.layerNormGradient({ dy: x, x, weight, mean, inverseDeviation }),
    () => layers.columnSums(x),
    () => tf.softmax(x),
    () => layers.crossEntropySum(x, labels),
    () => layers.crossEntropyGradient({ dy, probabilities, ...labels }),
  ]);
  const texts = times.map((time) => (time / (rows * columns)).toFixed(3).padStart(16));
  console.log(`${rows} x ${columns}`.padEnd(24) + texts.join(''));
  tf.dispose([
    x,
    weight,
    bias,
    dy,
    mean,
    inverseDeviation,
    probabilities,
    ...Object.values(labels),
  ]);
}

async function main(): Promise<void> {
  await tf.setBackend('wasm');
  installTrainingKernels(tf);
  const layers = fusedLayers(tf);
  if (layers === undefined) throw new Error('The fused layers are not installed');
  console.log(`Node ${process.version} on ${process.arch}, one thread`);
  console.log(
    'GFLOP/s of the products alone and of the layer, time outside the products, gain over the composed layer',
  );
  console.log(
    `${''.padEnd(24)}  products   forward   outside      gain  products  backward   outside      gain`,
  );
  for (const isCausal of [false, true])
    for (const one of HEADS) benchAttention(layers, one, isCausal);
  console.log('nanoseconds an element');
  console.log(
    ''.padEnd(24) +
      ['layer norm', 'its gradient', 'column sums', 'softmax', 'cross-entropy', 'its gradient']
        .map((text) => text.padStart(16))
        .join(''),
  );
  for (const matrix of MATRICES) benchRows(layers, matrix);
}

void main();
