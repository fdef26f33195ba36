import { runProgram } from '@pixelis/core';
import { loadBackend } from '@pixelis/training';
import { type BenchArguments, readArguments } from './command-line';
import { MultiplyAddPeak } from './multiply-add-peak';
import { least, median } from './statistics';
import { TorchPeer } from './torch-peer';
import { stepOperations, type VitModel } from './vit-models';
import { VitStep } from './vit-step';

/** Shards of a batch: the default of a training run. */
const SHARDS = 8;
/** Steps of one turn. */
const STEPS = 3;
/** Time in which the peak of one thread is looked for, in each round. */
const PEAK_MS = 200;

/** Compares one model's step with PyTorch's, and prints what came of it. */
async function compare(
  model: VitModel,
  bench: BenchArguments,
  peak: MultiplyAddPeak,
): Promise<void> {
  const { threads, rounds, isTorch, backend } = bench;
  const ours = VitStep.make(model, { shards: SHARDS, threads: backend === 'wasm' ? threads : 1 });
  const torch = isTorch ? await TorchPeer.start(model, threads) : undefined;
  const times = { ours: [] as number[], torch: [] as number[] };
  try {
    await ours.steps(1);
    await torch?.steps(1);
    for (let round = 0; round < rounds; round++) {
      peak.measure(PEAK_MS);
      times.ours.push(...(await ours.steps(STEPS)));
      times.torch.push(...((await torch?.steps(STEPS)) ?? []));
    }
  } finally {
    torch?.stop();
    await ours.dispose();
  }
  const floor = stepOperations(model) / (threads * peak.best * 1e6);
  console.log(`\n${model.name}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`);
  console.log(`ours     ${milliseconds(times.ours)}`);
  if (torch !== undefined) {
    console.log(`PyTorch  ${milliseconds(times.torch)}`);
    const ratio = median(times.ours) / median(times.torch);
    console.log(`ratio: ${ratio.toFixed(2)} (goal ${model.ratioGoal})`);
  }
  console.log(
    `floor: ${(median(times.ours) / floor).toFixed(2)} of ${floor.toFixed(1)} ms (goal 1.35)`,
  );
}

function milliseconds(times: readonly number[]): string {
  return `${median(times).toFixed(1)} ms, at best ${least(times).toFixed(1)}`;
}

void runProgram(async () => {
  const bench = readArguments(process.argv.slice(2));
  if (bench === undefined) return;
  const backend = await loadBackend(bench.backend);
  console.log(`Node ${process.version} on ${process.arch}, ${backend.description}`);
  const peak = MultiplyAddPeak.create();
  for (const model of bench.models) await compare(model, bench, peak);
  console.log(`\none thread multiplies and adds ${peak.best.toFixed(1)} GFLOP/s at most`);
});
