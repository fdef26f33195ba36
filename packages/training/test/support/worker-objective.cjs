// Objectives for worker threads, which load compiled modules only.
const { DataError } = require('@pixelis/core');
const tf = require('@tensorflow/tfjs');

/**
 * A network of two layers on rows of 40 numbers, and the sum of the squares of what comes out less one. A shard is
 * `{ rows: Float32Array, deed?: string }`; where a deed is named, it is done.
 */
exports.network = ({ scale }) => ({
  inputs: ({ rows, deed }) => {
    if (deed !== undefined) DEEDS[deed]();
    return {
      x: { shape: [rows.length / 40, 40], data: rows },
      scale: { shape: [], data: Float32Array.of(deed === 'diverge' ? NaN : scale) },
    };
  },
  lossSum: (parameters, inputs) =>
    tf.tidy(() => {
      const hidden = tf.relu(tf.add(tf.matMul(inputs.x, parameters.first), parameters.bias));
      const out = tf.mul(tf.matMul(hidden, parameters.last), parameters.gain);
      return tf.mul(tf.sum(tf.square(tf.sub(out, 1))), inputs.scale);
    }),
  weight: ({ rows }) => rows.length / 40,
});

/** Its gradient is the shard itself, a Float32Array for each parameter. */
exports.given = () => ({
  inputs: (shard) =>
    Object.fromEntries(
      Object.entries(shard).map(([name, data]) => [name, { shape: [data.length], data }]),
    ),
  lossSum: (parameters, inputs) =>
    tf.tidy(() =>
      tf.addN(
        Object.entries(inputs).map(([name, gradient]) =>
          tf.sum(tf.mul(parameters[name], tf.reshape(gradient, parameters[name].shape))),
        ),
      ),
    ),
  weight: () => 1,
});

exports.nothing = () => undefined;

const DEEDS = {
  diverge: () => undefined,
  throw: () => {
    throw new RangeError('the shard is cursed');
  },
  'throw ours': () => {
    throw new DataError('the shard is unreadable', { code: 'SHARD_UNREADABLE', remedy: 'mend it' });
  },
  exit: () => process.exit(7),
  'throw unheard': () => {
    process.nextTick(() => {
      throw new Error('nobody caught this');
    });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  },
};
