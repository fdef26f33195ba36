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
      busy: threads ? busyThreads(tf) : undefined,
      tasks: process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0,
    }),
  );
} catch (error) {
  const { code, message, remedy } = error;
  console.log(JSON.stringify({ error: { code, message, remedy } }));
}

/** Seconds of processor time for each second, over products that are large enough to be shared. */
function busyThreads(tf) {
  const x = tf.randomUniform([1024, 1024]);
  const multiply = () => tf.tidy(() => tf.matMul(x, x).dataSync());
  multiply();
  const before = process.cpuUsage();
  const start = performance.now();
  for (let time = 0; time < 5; time++) multiply();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / wallMs;
}
