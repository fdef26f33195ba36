import { availableParallelism } from 'node:os';
import { helpText, parseCommandLine, resolveTrainingConfig } from '@pixelis/config';
import { runProgram, workerEntry } from '@pixelis/core';
import { DataLoader, digitsReasoning } from '@pixelis/data';
import { Generator, getReproducibleDataLoaderOptions } from '@pixelis/reproducibility';
import {
  createTrainer,
  initialiseParameters,
  loadBackend,
  modelConfigOf,
  reasoningObjective,
  visionLanguageSpecs,
} from '@pixelis/training';
import * as tf from '@tensorflow/tfjs';
import { requirePositive } from './command-line';

const definition = {
  program: 'bench:feeding',
  summary: 'How long the steps of the default run wait for their data',
  takesOverrides: false,
  options: {
    backend: {
      kind: 'text',
      help: 'What computes the steps',
      choices: ['wasm', 'cpu', 'gpu', 'webgpu'],
      default: 'wasm',
    },
    steps: { kind: 'integer', placeholder: 'N', help: 'Steps that are timed', default: '60' },
    compile: { kind: 'flag', help: 'Steps compiled by XLA' },
    help: { kind: 'flag', help: 'Print this text' },
  },
} as const;

/** Steps that come first: they fill the loader's queue, and compile. */
const WARM_UP = 5;

/** How a run is fed. */
interface Feeding {
  readonly backend: string;
  readonly numWorkers: number;
  readonly steps: number;
  readonly isCompiled: boolean;
}

void runProgram(async () => {
  const line = parseCommandLine(process.argv.slice(2), definition);
  if (line.flag('help')) {
    process.stdout.write(helpText(definition));
    return;
  }
  const [backend = 'wasm', steps = 1] = [line.text('backend'), line.number('steps')];
  requirePositive({ '--steps': steps });
  const isCompiled = line.flag('compile');
  const name = definition.options.backend.choices.find((choice) => choice === backend) ?? 'wasm';
  const { description } = await loadBackend(name);
  console.log(`Node ${process.version}, ${description}`);
  for (const numWorkers of [0, 1, 2]) {
    const { waited, total } = await timeSteps({ backend, numWorkers, steps, isCompiled });
    const share = ((100 * waited) / total).toFixed(1);
    console.log(
      `data.num_workers=${numWorkers}: ${(total / steps).toFixed(1)} ms a step, waited: ${share} %`,
    );
  }
});

/** Takes the default run's steps; the milliseconds that they took in all, and of those the wait for batches. */
async function timeSteps({
  backend,
  numWorkers,
  steps,
  isCompiled,
}: Feeding): Promise<{ waited: number; total: number }> {
  const { config } = resolveTrainingConfig({
    overrides: [`hardware.backend=${backend}`, `data.num_workers=${numWorkers}`],
  });
  const { training, data, model } = config;
  const modelConfig = modelConfigOf(config);
  const specs = visionLanguageSpecs(modelConfig);
  const parameters = initialiseParameters(specs, Generator.fromSeed(training.seed).fork('model'));
  const trainer = createTrainer(
    { parameters },
    {
      specs,
      objective: reasoningObjective(modelConfig),
      optimizer: {},
      gradientClipNorm: training.gradient_clip_norm,
      isCompiled,
      onFallback: ({ op, message }) => {
        throw new Error(`the step was not compiled: ${op}: ${message}`);
      },
      threads: backend === 'wasm' ? Math.min(availableParallelism(), training.shards) : 1,
      objectiveModule: {
        path: workerEntry(__filename, 'feeding-objective'),
        factory: reasoningObjective.name,
        options: modelConfig,
      },
    },
  );
  tf.dispose(parameters);
  const loader = new DataLoader(
    digitsReasoning({ seed: training.seed, patchSize: model.patch_size }),
    {
      ...getReproducibleDataLoaderOptions(training.seed),
      batchSize: data.batch_size,
      shards: training.shards,
      numWorkers,
    },
  );
  try {
    let waited = 0;
    let start = performance.now();
    for (let step = -WARM_UP; step < steps; step++) {
      if (step === 0) [waited, start] = [0, performance.now()];
      const asked = performance.now();
      const { shards } = await loader.next();
      waited += performance.now() - asked;
      await trainer.update(shards, training.learning_rate);
    }
    return { waited, total: performance.now() - start };
  } finally {
    await loader.close();
    await trainer.dispose();
  }
}
