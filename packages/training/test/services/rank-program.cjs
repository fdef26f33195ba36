// A training of a small network that several processes share: `node rank-program.cjs '{"backend": "wasm", …}'`. It saves
// a snapshot after each step, goes on from one that is there, and prints the digest of the weights at the end.
const { createHash } = require('node:crypto');
const { existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { deserialize, serialize } = require('node:v8');
const training = require('../../dist');
const { Generator } = require('@pixelis/reproducibility');
const tf = require('@tensorflow/tfjs');

const specs = {
  first: { shape: [40, 150], initializer: { kind: 'glorot_uniform' }, isDecayed: true },
  bias: { shape: [150], initializer: { kind: 'constant', value: 0.1 }, isDecayed: false },
  last: { shape: [150, 80], initializer: { kind: 'glorot_uniform' }, isDecayed: true },
  idle: { shape: [3], initializer: { kind: 'constant', value: 0.5 }, isDecayed: true },
};

/** Two layers, the second after a softmax; the parameter `idle` is not used. A shard may ask for the process's death. */
exports.network = () => ({
  inputs({ rows, isDeadly }) {
    if (isDeadly) process.kill(process.pid, 'SIGKILL');
    return { x: { shape: [rows.length / 40, 40], data: rows } };
  },
  lossSum: (parameters, { x }) =>
    tf.tidy(() => {
      const hidden = tf.softmax(tf.add(tf.matMul(x, parameters.first), parameters.bias));
      return tf.sum(tf.square(tf.sub(tf.matMul(hidden, parameters.last), 1)));
    }),
  weight: ({ rows }) => rows.length / 40,
});

function batchOf(step, shards) {
  return Array.from({ length: shards }, (_, shard) => {
    const generator = Generator.fromSeed(7).fork(`${step}`).fork(`${shard}`);
    return { rows: Float32Array.from({ length: 40 * (3 + shard) }, () => generator.normal()) };
  });
}

async function train(world, { backend, steps, shards, file, dieAt }) {
  await training.loadBackend(backend);
  const options = {
    specs,
    objective: exports.network(),
    optimizer: { weightDecay: 0.1 },
    gradientClipNorm: 1,
    objectiveModule: { path: __filename, factory: 'network', options: {} },
    world,
  };
  const parameters = training.initialiseParameters(specs, Generator.fromSeed(5));
  const isResumed = file !== undefined && existsSync(file);
  const start = isResumed ? { snapshot: deserialize(readFileSync(file)) } : { parameters };
  const trainer = training.createTrainerInWorld(start, options);
  while (trainer.step < steps) {
    const batch = batchOf(trainer.step, shards);
    if (trainer.step === dieAt && !isResumed) batch.at(-1).isDeadly = true;
    await trainer.update(batch, 0.01);
    if (file === undefined) continue;
    writeFileSync(`${file}.tmp`, serialize(await trainer.snapshot()));
    renameSync(`${file}.tmp`, file);
  }
  const hash = createHash('sha256').update(serialize(await trainer.snapshot()));
  await trainer.dispose();
  process.stdout.write(`${hash.digest('hex')}${isResumed ? ' resumed' : ''}\n`);
}

if (require.main === module) {
  const wishes = JSON.parse(process.argv[2]);
  training
    .runRanks({
      processes: wishes.processes,
      argv: process.argv.slice(1),
      prepare: () => training.loadBackend(wishes.backend),
      main: (world) => train(world, wishes),
    })
    .then(
      (code) => (process.exitCode = code),
      (error) => {
        process.stderr.write(`${error.code ?? error.stack}: ${error.message}\n`);
        process.exit(error.exitCode ?? 1);
      },
    );
}
