import { resourceUsage } from 'node:process';
import { runProgram } from '@pixelis/core';
import { loadBackend } from '@pixelis/training';
import * as tf from '@tensorflow/tfjs';
import { type BenchArguments, readArguments, shardsOn } from './command-line';
import { startTorch } from './torch-peer';
import type { VitModel } from './vit-models';
import { VitStep } from './vit-step';

const STEPS = 20;
const MEBIBYTE = 2 ** 20;

/** So small that thousands of steps take a minute. */
const TINY: VitModel = {
  name: 'D16 L2 N5 B4',
  config: { dim: 16, layers: 2, heads: 2, mlpRatio: 4, patches: 4, patchValues: 8, classes: 10 },
  batch: 4,
  ratioGoal: 1,
};
/** How much of the run its memory is given to settle. */
const SETTLED = 0.1;
/** More than this is growth: a tensor of each step, or the noise of a garbage collector. */
const GROWTH_MIB = 32;

void runProgram(async () => {
  const bench = readArguments(process.argv.slice(2));
  if (bench === undefined) return;
  if (bench.steps !== undefined) return watchSteps(bench, bench.steps);
  const [model, other] = bench.models;
  if (model === undefined || other !== undefined) {
    console.log('each model needs a process of its own: name one by --model');
    return;
  }
  await comparePeaks(model, bench);
  return;
});

/** Peak of the resident memory over some steps, less what was resident before the model was made. */
async function comparePeaks(model: VitModel, bench: BenchArguments): Promise<void> {
  await load(bench);
  const before = process.memoryUsage.rss();
  const step = make(model, bench);
  await step.steps(STEPS);
  const ours = resourceUsage().maxRSS * 1024 - before;
  await step.dispose();
  console.log(`${model.name}: ours ${(ours / MEBIBYTE).toFixed(0)} MiB`);
  if (!bench.isTorch) return;
  const torch = await startTorch(model, { threads: bench.threads });
  await torch.steps(STEPS);
  const [theirBefore = NaN, peak = NaN] = await torch.ask('memory');
  torch.stop();
  const theirs = peak - theirBefore;
  console.log(`PyTorch ${(theirs / MEBIBYTE).toFixed(0)} MiB`);
  console.log(`memory: ${(ours / theirs).toFixed(2)} (goal 1.5)`);
}

/** Whether memory stays as it is over many steps of a tiny model: tensors by number, resident bytes but for noise. */
async function watchSteps(bench: BenchArguments, steps: number): Promise<number> {
  await load(bench);
  const step = make(TINY, bench);
  const settled = Math.ceil(steps * SETTLED);
  await step.steps(settled);
  const before = { tensors: tf.memory().numTensors, resident: process.memoryUsage.rss() };
  await step.steps(steps - settled);
  const tensors = tf.memory().numTensors - before.tensors;
  const grown = (process.memoryUsage.rss() - before.resident) / MEBIBYTE;
  await step.dispose();
  console.log(`${TINY.name}, from step ${settled} to ${steps} on ${bench.backend}:`);
  console.log(`tensors: ${tensors} more, resident: ${grown.toFixed(1)} MiB more`);
  const isConstant = tensors === 0 && grown < GROWTH_MIB;
  console.log(`constant: ${isConstant ? 'yes' : 'no'}`);
  return isConstant ? 0 : 1;
}

async function load({ backend, threads }: BenchArguments): Promise<void> {
  await loadBackend(backend, backend === 'cpu' || backend === 'gpu' ? { threads } : {});
}

function make(model: VitModel, bench: BenchArguments): VitStep {
  return VitStep.make(model, {
    shards: Math.min(bench.shards ?? shardsOn(bench.backend), model.batch),
    threads: bench.backend === 'wasm' ? bench.threads : 1,
    isCompiled: bench.isCompiled,
    precision: bench.precision,
    onFallback: ({ op, message }) => {
      throw new Error(`the step was not compiled: ${op}: ${message}`);
    },
  });
}
