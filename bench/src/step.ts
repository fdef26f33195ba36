import { runProgram } from '@pixelis/core';
import { type BenchArguments, readArguments, sidesOf } from './command-line';
import type { LinePeer } from './line-peer';
import { MultiplyAddPeak } from './multiply-add-peak';
import { type Side, sideName, startSide } from './side';
import { least, median } from './statistics';
import { startTorch } from './torch-peer';
import { stepOperations, type VitModel } from './vit-models';

/** Steps of one turn. */
const STEPS = 3;
/** Time in which the peak of one thread is looked for, in each round. */
const PEAK_MS = 200;
/** How many times as fast as the steps of wasm compiled ones shall be. */
const OVER_WASM_GOAL = 2;

/** One side of the comparison, and what it took. */
interface Runner {
  readonly name: string;
  readonly peer: LinePeer;
  readonly milliseconds: number[];
}

/** Compares one model's step with PyTorch's, and prints what came of it. */
async function compare(
  model: VitModel,
  bench: BenchArguments,
  peak: MultiplyAddPeak,
): Promise<void> {
  const { threads, rounds } = bench;
  const sides = sidesOf(model, bench);
  const runners: Runner[] = [];
  try {
    for (const side of sides) {
      const peer = await startSide(side);
      runners.push({ name: sideName(side), peer, milliseconds: [] });
      console.log(`${sideName(side)}: ${peer.description}; a batch in ${side.shards}`);
    }
    if (bench.isTorch) {
      const peer = await startTorch(model, { threads });
      runners.push({ name: 'PyTorch', peer, milliseconds: [] });
    }
    for (const { peer } of runners) await peer.steps(1);
    for (let round = 0; round < rounds; round++) {
      peak.measure(PEAK_MS);
      for (const { peer, milliseconds } of runners) milliseconds.push(...(await peer.steps(STEPS)));
    }
  } finally {
    for (const { peer } of runners) peer.stop();
  }
  const floor = stepOperations(model) / (threads * peak.best * 1e6);
  report({ model, threads, runners, sides, floor });
}

function report({
  model,
  threads,
  runners,
  sides,
  floor,
}: {
  readonly model: VitModel;
  readonly threads: number;
  readonly runners: readonly Runner[];
  readonly sides: readonly Side[];
  readonly floor: number;
}): void {
  console.log(`\n${model.name}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`);
  for (const { name, milliseconds } of runners) {
    const [middle, best] = [median(milliseconds), least(milliseconds)];
    console.log(`${name.padEnd(13)} ${middle.toFixed(1)} ms, at best ${best.toFixed(1)}`);
  }
  const [side] = sides;
  const [ours, ...others] = runners;
  if (ours === undefined || side === undefined) return;
  const time = median(ours.milliseconds);
  for (const { name, milliseconds } of others) {
    const theirs = median(milliseconds);
    if (name === 'PyTorch')
      console.log(`ratio: ${(time / theirs).toFixed(2)}${goal(ratioGoal(model, side))}`);
    else
      console.log(
        `faster than ${name}: ${(theirs / time).toFixed(2)}${goal(overGoal(side, name))}`,
      );
  }
  const floorGoal = side.backend === 'wasm' ? 1.35 : undefined;
  console.log(`floor: ${(time / floor).toFixed(2)} of ${floor.toFixed(1)} ms${goal(floorGoal)}`);
}

/** How many times PyTorch's time a side may take. */
function ratioGoal(model: VitModel, { backend, isCompiled, precision }: Side): number | undefined {
  if (backend === 'wasm') return model.ratioGoal;
  if (backend !== 'cpu' || precision !== 'f32') return undefined;
  return isCompiled ? 1.05 : 1.75;
}

function overGoal({ isCompiled }: Side, other: string): number | undefined {
  return isCompiled && other === 'wasm' ? OVER_WASM_GOAL : undefined;
}

function goal(value: number | undefined): string {
  return value === undefined ? '' : ` (goal ${value})`;
}

void runProgram(async () => {
  const bench = readArguments(process.argv.slice(2));
  if (bench === undefined) return;
  console.log(`Node ${process.version} on ${process.arch}`);
  const peak = MultiplyAddPeak.create();
  for (const model of bench.models) await compare(model, bench, peak);
  console.log(`\none thread multiplies and adds ${peak.best.toFixed(1)} GFLOP/s at most`);
});
