/**
 * Trains a vision transformer for a few steps on the backend cpu, in shapes that TensorFlow shares among threads, and prints the SHA-256 of the
 * weights and the loss of each step as a line of JSON: `node native-run.cjs '{"isDeterministic":true,"isCompiled":false,"threads":2}'`.
 */
const {
  classificationObjective,
  createTrainer,
  encodeSafetensors,
  imageClassifierSpecs,
  initialiseParameters,
  prepareBackend,
} = require('../../dist/index.js');
const { sha256 } = require('@pixelis/core');
const { Generator } = require('@pixelis/reproducibility');

const CONFIG = {
  dim: 96,
  heads: 3,
  layers: 2,
  mlpRatio: 4,
  patches: 64,
  patchValues: 48,
  classes: 10,
};
const STEPS = 10;
const SHARDS = 2;
const IMAGES = 8;

/** What the command line asks for. */
const {
  isDeterministic = false,
  isCompiled = false,
  threads = null,
} = JSON.parse(process.argv[2] ?? '{}');

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});

async function main() {
  await prepareBackend({ name: 'cpu', seed: 3, isDeterministic, threads });
  const specs = imageClassifierSpecs(CONFIG);
  const generator = Generator.fromSeed(3);
  const trainer = createTrainer(
    { parameters: initialiseParameters(specs, generator.fork('model')) },
    {
      specs,
      objective: classificationObjective(CONFIG),
      optimizer: { weightDecay: 0.1 },
      gradientClipNorm: 1,
      isCompiled,
      onFallback({ op, message }) {
        throw new Error(`not compiled: ${op}: ${message}`);
      },
    },
  );
  const losses = [];
  for (let step = 0; step < STEPS; step++) {
    const shards = Array.from({ length: SHARDS }, (_, index) =>
      shardOf(generator.fork(`step ${step} shard ${index}`)),
    );
    losses.push((await trainer.update(shards, 0.001)).loss);
  }
  const { parameters } = await trainer.snapshot();
  await trainer.dispose();
  console.log(JSON.stringify({ weights_sha256: sha256(encodeSafetensors(parameters)), losses }));
}

/** Noise whose mean tells the class. */
function shardOf(generator) {
  const labels = Int32Array.from({ length: IMAGES }, () =>
    Math.floor(CONFIG.classes * generator.uniform()),
  );
  const size = CONFIG.patches * CONFIG.patchValues;
  const patches = Float32Array.from(
    { length: IMAGES * size },
    (_, index) => generator.normal() + labels[Math.floor(index / size)] / CONFIG.classes,
  );
  return { patches, labels };
}
