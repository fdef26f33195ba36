import { availableParallelism } from 'node:os';

/** What decides the number of threads. */
export interface ThreadWishes {
  /** As `hardware.threads`: null leaves the choice to the machine. */
  readonly threads: number | null;
  /** Shards of a batch: more threads would have nothing to do. */
  readonly shards: number;
}

/**
 * Threads that a run trains on: those asked for, else one for each core but no more than there are shards. Backends other
 * than wasm have one; they use the cores by themselves.
 *
 * @param backend As TensorFlow.js calls it.
 */
export function threadCount(backend: string, { threads, shards }: ThreadWishes): number {
  if (threads !== null) return threads;
  return backend === 'wasm' ? Math.min(availableParallelism(), shards) : 1;
}
