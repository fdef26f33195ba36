// A program that computes on webgpu and ends in the way that its argument names.
const tf = require('@tensorflow/tfjs');
const { loadBackend } = require('@pixelis/training');

async function main(mode) {
  await loadBackend('webgpu');
  const x = tf.ones([64, 64]);
  const gradient = tf.grad((y) => tf.matMul(y, y).square().sum())(x);
  await gradient.data();
  console.log('trained');
  if (mode === 'destroy') {
    tf.removeBackend('webgpu');
    process.exitCode = 6;
    return;
  }
  const pending = tf.matMul(gradient, gradient).data();
  if (mode === 'exit-pending') process.exit(5);
  if (mode === 'throw-pending') throw new Error('It failed');
  await pending;
  if (mode === 'set-exit-code') process.exitCode = 4;
}

main(process.argv[2]).catch((error) => {
  console.error(error);
  process.exit(1);
});
