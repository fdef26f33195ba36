import { resourceUsage } from 'node:process';
import { runProgram } from '@pixelis/core';
import { loadBackend } from '@pixelis/training';
import { readArguments } from './command-line';
import { TorchPeer } from './torch-peer';
import { VitStep } from './vit-step';

const STEPS = 20;
const MEBIBYTE = 2 ** 20;

/** Peak of the resident memory over some steps, less what was resident before the model was made. */
void runProgram(async () => {
  const bench = readArguments(process.argv.slice(2));
  const [model, other] = bench?.models ?? [];
  if (bench === undefined || model === undefined) return;
  if (other !== undefined) {
    console.log('each model needs a process of its own: name one by --model');
    return;
  }
  await loadBackend(bench.backend);
  const before = process.memoryUsage.rss();
  const step = VitStep.make(model, { shards: 8, threads: bench.threads });
  await step.steps(STEPS);
  const ours = resourceUsage().maxRSS * 1024 - before;
  await step.dispose();
  console.log(`${model.name}: ours ${(ours / MEBIBYTE).toFixed(0)} MiB`);
  if (!bench.isTorch) return;
  const torch = await TorchPeer.start(model, bench.threads);
  await torch.steps(STEPS);
  const peer = await torch.memory();
  torch.stop();
  const theirs = peer.peak - peer.before;
  console.log(`PyTorch ${(theirs / MEBIBYTE).toFixed(0)} MiB`);
  console.log(`memory: ${(ours / theirs).toFixed(2)} (goal 1.5)`);
});
