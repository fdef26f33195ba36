import { createHash } from 'node:crypto';
import { runProgram } from '@pixelis/core';
import { loadBackend } from '@pixelis/training';
import { readArguments } from './command-line';
import { median } from './statistics';
import { VitStep } from './vit-step';

const STEPS = 3;

/** What sharding and digests cost, and what threads bring: each pair in turns. */
void runProgram(async () => {
  const bench = readArguments(process.argv.slice(2));
  if (bench === undefined) return;
  await loadBackend('wasm');
  for (const model of bench.models) {
    const whole = VitStep.make(model, { shards: 1, threads: 1 });
    const sharded = VitStep.make(model, { shards: 8, threads: 1 });
    const threaded = VitStep.make(model, { shards: 8, threads: 2 });
    const sides = [whole, sharded, threaded];
    const times = sides.map((): number[] => []);
    const digests: number[] = [];
    for (const side of sides) await side.steps(1);
    for (let round = 0; round < bench.rounds; round++) {
      for (const [index, side] of sides.entries()) {
        times[index]?.push(...(await side.steps(STEPS)));
      }
      const start = performance.now();
      for (const values of [await sharded.trainer.gradients(), await sharded.trainer.weights()]) {
        createHash('sha256').update(values).digest('hex');
      }
      digests.push(performance.now() - start);
    }
    for (const side of sides) await side.dispose();
    const [one = NaN, eight = NaN, two = NaN] = times.map(median);
    console.log(`\n${model.name}`);
    console.log(
      `1 shard ${one.toFixed(1)} ms, 8 shards ${eight.toFixed(1)} ms, on two threads ${two.toFixed(1)} ms`,
    );
    console.log(`sharding: ${percent(eight / one - 1)} (goal 3 %)`);
    console.log(`two threads: ${(eight / two).toFixed(2)} times as fast (goal 1.8)`);
    console.log(
      `digests of weights and gradients at every step: ${percent(median(digests) / two)} of a step`,
    );
  }
});

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
