import type { World } from '@pixelis/distributed';
import * as tf from '@tensorflow/tfjs';
import { createTrainer } from '../trainer/create-trainer';
import { requireCompilable } from '../trainer/require-compilable';
import type { Trainer, TrainerOptions, TrainerStart } from '../trainer/trainer';
import { RankedTrainer } from './ranked-trainer';
import { requireRanks } from './require-ranks';

/** How a trainer trains in a world. */
export interface TrainerInWorldOptions<Shard> extends TrainerOptions<Shard> {
  /** A world of this process alone where absent. */
  readonly world?: World | undefined;
}

/**
 * A trainer whose shards all ranks of the world share, in rank 0; without other ranks the one that {@link createTrainer}
 * makes. The bits are the same.
 *
 * @throws {UsageError} `THREADS_UNSUPPORTED` if several ranks are to have several threads each, `COMPILE_UNSUPPORTED` if
 * they are to compile their steps.
 * @throws All that {@link createTrainer} and {@link RankedTrainer} throw.
 */
export function createTrainerInWorld<Shard>(
  start: TrainerStart,
  { world, ...options }: TrainerInWorldOptions<Shard>,
): Trainer<Shard> {
  if (world === undefined || world.size === 1) return createTrainer(start, options);
  const backend = tf.getBackend();
  // How many shards there are is known with the first batch.
  requireRanks(world.size, { ...options, backend, shards: Infinity });
  requireCompilable(backend, options);
  return new RankedTrainer(start, { ...options, world });
}
