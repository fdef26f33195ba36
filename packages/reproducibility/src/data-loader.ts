import { Generator, type GeneratorState } from './generator';
import { seedThread } from './thread';

/** What a data loader needs to be reproducible; plain data that can be sent to a worker thread. */
export interface DataLoaderOptions {
  /**
   * The state of the generator from which the order of the examples and their augmentation are forked, by epoch and by
   * index, so that neither depends on how many workers there are.
   */
  readonly generator: GeneratorState;
}

/**
 * The options that make a data loader reproducible: the generator's state to fork from in the main thread, and to hand,
 * as they are, to {@link seedWorker} in each worker.
 *
 * @throws {UsageError} `SEED_INVALID`
 */
export function getReproducibleDataLoaderOptions(seed: number): DataLoaderOptions {
  return { generator: Generator.fromSeed(seed).fork('data_loader').state() };
}

/**
 * To be called first in worker `workerId` (from 0) of a data loader: seeds `Math.random` there, and returns the worker's own
 * generator, the fork `worker/<workerId>`. Draw from it only what may depend on the number of workers; an example's
 * augmentation belongs to a fork of `options.generator` by the example's index.
 *
 * @throws {RangeError} If `workerId` is not a non-negative integer.
 * @throws {IntegrityError} `GENERATOR_STATE_DAMAGED`
 */
export function seedWorker(workerId: number, options: DataLoaderOptions): Generator {
  if (!Number.isSafeInteger(workerId) || workerId < 0) {
    throw new RangeError(
      `Cannot seed a worker: workerId must be an integer >= 0: current value is ${workerId}`,
    );
  }
  const generator = Generator.fromState(options.generator).fork(`worker/${workerId}`);
  seedThread(generator);
  return generator;
}
