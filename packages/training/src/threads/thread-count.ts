import { availableParallelism } from 'node:os';

/** What decides the number of threads. */
export interface ThreadWishes {
  /** As `hardware.threads`: null leaves the choice to the machine. */
  readonly threads: number | null;
  /** Shards of a batch: more threads would have nothing to do. */
  readonly shards: number;
}

/**
 * Threads of JavaScript that a run trains on. On wasm those asked for, else one for each core but no more than there are
 * shards. Other backends have one: a native library shares the work among threads of its own.
 *
 * @param backend As TensorFlow.js calls it.
 */
export function threadCount(backend: string, { threads, shards }: ThreadWishes): number {
  if (backend !== 'wasm') return 1;
  return threads ?? Math.min(availableParallelism(), shards);
}
