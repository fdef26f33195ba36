import { syncBuiltinESMExports } from 'node:module';
import workerThreads from 'node:worker_threads';

import type { Generator } from './generator';
import { OverridableSlot } from './override';
import { seededWorkerClass } from './seeded-worker';

const mathRandom = new OverridableSlot(readRandom, writeRandom);
const workerClass = new OverridableSlot(() => workerThreads.Worker, writeWorkerClass);

/**
 * Makes `Math.random` of this thread draw from `generator`'s fork `Math.random`, and gives the n-th worker thread started
 * from here on (n from 0) the fork `thread/n`. Returns the function that undoes both.
 */
export function seedThread(generator: Generator): () => void {
  const restoreRandom = seedMathRandom(generator);
  const restoreWorkerClass = workerClass.override(
    seededWorkerClass(workerClass.current, generator),
  );
  return () => {
    restoreWorkerClass();
    restoreRandom();
  };
}

function seedMathRandom(generator: Generator): () => void {
  const stream = generator.fork('Math.random');
  return mathRandom.override(() => stream.uniform());
}

function readRandom(): () => number {
  return Math.random;
}

function writeRandom(random: () => number): void {
  Math.random = random;
}

function writeWorkerClass(value: typeof workerThreads.Worker): void {
  Object.assign(workerThreads, { Worker: value });
  // Without it, modules that import the class by name would keep the other one.
  syncBuiltinESMExports();
}
