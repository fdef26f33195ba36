// Loads the addon in a process of its own and prints what it is and what it computed: `load-program.cjs DEVICE [THREADS]`.
const { readdirSync } = require('node:fs');
const { loadNativeAddon } = require('../../dist');

const [device, threads] = process.argv.slice(2);
try {
  const addon = loadNativeAddon({ device, ...(threads ? { threads: Number(threads) } : {}) });
  const tf = require('@tensorflow/tfjs');
  const product = [
    ...tf
      .matMul(
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      )
      .dataSync(),
  ];
  console.log(
    JSON.stringify({
      addon,
      backend: tf.getBackend(),
      product,
      tasks: process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0,
    }),
  );
} catch (error) {
  const { code, message, remedy } = error;
  console.log(JSON.stringify({ error: { code, message, remedy } }));
}
