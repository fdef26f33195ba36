import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { installTrainingKernels } from '@pixelis/kernels';

/** Rows and columns of what a feed-forward layer of a small vision transformer passes through its activation. */
const SHAPE: [number, number] = [512, 512];

/** Both sides take turns for this time on each case; the best round of each counts, for others use the machine too. */
const CASE_MS = 1000;
const CALLS_PER_ROUND = 4;

type Operands = readonly [x: tf.Tensor, y: tf.Tensor, row: tf.Tensor, column: tf.Tensor];

const CASES: Readonly<Record<string, (operands: Operands) => tf.Tensor | tf.Tensor[]>> = {
  exp: ([x]) => tf.exp(x),
  log: ([, y]) => tf.log(y),
  tanh: ([x]) => tf.tanh(x),
  erf: ([x]) => tf.erf(x),
  sigmoid: ([x]) => tf.sigmoid(x),
  elu: ([x]) => tf.elu(x),
  softplus: ([x]) => tf.softplus(x),
  relu: ([x]) => tf.relu(x),
  add: ([x, y]) => tf.add(x, y),
  'add a row': ([x, , row]) => tf.add(x, row),
  'multiply a column': ([x, , , column]) => tf.mul(x, column),
  'divide by a scalar': ([x]) => tf.div(x, tf.scalar(3)),
  'GELU and derivative': ([x]) =>
    tf.getKernelsForBackend('wasm').some(({ kernelName }) => kernelName === 'PixelisGelu')
      ? tf.engine().runKernel('PixelisGelu', { x }, { form: 'erf' })
      : plainGelu(x),
};

/** Of tfjs's own kernels. */
function plainGelu(x: tf.Tensor): tf.Tensor[] {
  return tf.tidy(() => {
    const cumulative = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
    const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 0.3989422804014327);
    return [tf.mul(x, cumulative), tf.add(cumulative, tf.mul(x, density))];
  });
}

/** Nanoseconds for an entry, in one round. */
function measure(run: (operands: Operands) => tf.Tensor | tf.Tensor[], operands: Operands): number {
  const start = performance.now();
  for (let call = 0; call < CALLS_PER_ROUND; call++) tf.tidy(() => void run(operands));
  return ((performance.now() - start) * 1e6) / CALLS_PER_ROUND / (SHAPE[0] * SHAPE[1]);
}

async function main(): Promise<void> {
  await tf.setBackend('wasm');
  const operands: Operands = [
    tf.randomUniform(SHAPE, -3, 3),
    tf.randomUniform(SHAPE, 0.1, 3),
    tf.randomUniform([SHAPE[1]]),
    tf.randomUniform([SHAPE[0], 1]),
  ];
  console.log(`Node ${process.version} on ${process.arch}, ns for an entry of [${SHAPE}]`);
  console.log('case                     stock    ours   ratio');
  for (const [name, run] of Object.entries(CASES)) {
    let [stock, ours] = [Infinity, Infinity];
    const end = performance.now() + CASE_MS;
    while (performance.now() < end) {
      stock = Math.min(stock, measure(run, operands));
      const installed = installTrainingKernels(tf);
      ours = Math.min(ours, measure(run, operands), measure(run, operands));
      installed.uninstall();
    }
    const columns = [stock.toFixed(2), ours.toFixed(2), (stock / ours).toFixed(1)];
    console.log(name.padEnd(22) + columns.map((text) => text.padStart(8)).join(''));
  }
}

void main();
