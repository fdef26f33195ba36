import { UsageError } from '@pixelis/core';

/** What decides whether ranks can share a training. */
export interface RanksWishes {
  /** Shards of a batch. */
  readonly shards: number;
  /** Its threads are of JavaScript on `wasm`, and of the library elsewhere. @default {'wasm'} */
  readonly backend?: string;
  /** Threads of each rank, as asked for; null or absent leaves the choice. */
  readonly threads?: number | null;
  /** Whether steps shall be compiled. @default {false} */
  readonly isCompiled?: boolean;
}

/**
 * Sees to it, before anything is begun, that so many ranks can share a training; a process alone always can.
 *
 * @throws {UsageError} `SHARDS_TOO_FEW` if a rank would get no shard, `THREADS_UNSUPPORTED` if a rank shall have several
 * threads of JavaScript, `COMPILE_UNSUPPORTED` if it shall compile its steps.
 */
export function requireRanks(
  ranks: number,
  { shards, backend = 'wasm', threads, isCompiled = false }: RanksWishes,
): void {
  if (ranks === 1) return;
  requireShards(shards, ranks);
  if (backend === 'wasm' && typeof threads === 'number' && threads > 1) {
    throw new UsageError(`hardware.threads is ${threads}, but each of several processes has one`, {
      code: 'THREADS_UNSUPPORTED',
      remedy: 'leave hardware.threads out, and start more processes instead',
    });
  }
  if (isCompiled) {
    throw new UsageError('Steps that several processes share are not compiled', {
      code: 'COMPILE_UNSUPPORTED',
      remedy: 'leave training.compile out, or train in one process',
    });
  }
}

/** @throws {UsageError} `SHARDS_TOO_FEW` if there are fewer shards than ranks. */
export function requireShards(shards: number, ranks: number): void {
  if (shards >= ranks) return;
  throw new UsageError(`${ranks} processes cannot share ${shards} shards of a batch`, {
    code: 'SHARDS_TOO_FEW',
    remedy: `set training.shards to ${ranks} or more, best a multiple of it, or start at most ${shards} processes`,
  });
}
