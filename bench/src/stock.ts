import { runProgram } from '@pixelis/core';
import {
  classificationObjective,
  imageClassifierSpecs,
  initialiseParameters,
  loadBackend,
  toBackend,
} from '@pixelis/training';
import { Generator } from '@pixelis/reproducibility';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { readArguments } from './command-line';
import { least, median } from './statistics';
import type { VitModel } from './vit-models';
import { makeShards, VitStep } from './vit-step';

const STEPS = 3;

/** Steps of one thread by TensorFlow.js alone: its own kernels of the backend wasm, its own Adam, the whole batch at once. */
async function stockSteps({ config, batch }: VitModel): Promise<number[]> {
  await tf.setBackend('wasm');
  const initial = initialiseParameters(imageClassifierSpecs(config), Generator.fromSeed(1));
  const variables = Object.fromEntries(
    Object.entries(initial).map(([name, tensor]) => [name, tf.variable(tensor, true, name)]),
  );
  const optimizer = tf.train.adam(1e-3);
  const objective = classificationObjective(config);
  const shards = makeShards({ config, batch }, 1);
  const milliseconds: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const start = performance.now();
    for (const shard of shards) {
      const inputs = toBackend(objective.inputs(shard));
      const loss = optimizer.minimize(
        () => tf.div(objective.lossSum(variables, inputs), batch).asScalar(),
        true,
      );
      await loss?.data();
      loss?.dispose();
      tf.dispose(inputs);
    }
    milliseconds.push(performance.now() - start);
  }
  return milliseconds;
}

void runProgram(async () => {
  const bench = readArguments(process.argv.slice(2));
  if (bench === undefined) return;
  const [model, other] = bench.models;
  if (model === undefined || other !== undefined) {
    // The kernels of TensorFlow.js are those of the whole process.
    console.log('each model needs a process of its own: name one by --model');
    return;
  }
  const stock = await stockSteps(model);
  await loadBackend('wasm');
  const step = VitStep.make(model, { shards: 8, threads: bench.threads });
  await step.steps(2);
  const ours = await step.steps(STEPS * bench.rounds);
  await step.dispose();
  console.log(
    `${model.name}: stock ${least(stock).toFixed(0)} ms, ours on ${bench.threads} threads ${median(ours).toFixed(0)} ms`,
  );
  console.log(`faster: ${(least(stock) / median(ours)).toFixed(1)} (goal 15)`);
});
