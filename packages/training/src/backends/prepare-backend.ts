import { EnvironmentError } from '@pixelis/core';
import {
  type DeterministicModeReport,
  enableDeterministicMode,
  type GlobalSeed,
  setGlobalSeed,
} from '@pixelis/reproducibility';
import * as tf from '@tensorflow/tfjs';
import type { Backend, BackendName } from './backend';
import { loadBackend } from './load-backend';
import { threadCount, type ThreadWishes } from '../threads/thread-count';
import { requireOneThread } from './require-one-thread';

/** What a program asks of its backend. */
export interface PrepareBackendOptions {
  readonly name: BackendName;
  readonly seed: number;
  /** Refuse a backend that cannot give the same bits twice on one machine. @default {false} */
  readonly isDeterministic?: boolean;
  /** Threads that shall share the work, more than one on wasm alone; null: one for each core. @default {1} */
  readonly threads?: number | null;
  /** Shards of a batch, which bound the threads where `threads` is null. @default {1} */
  readonly shards?: number;
}

/** A backend that is ready, and what was done for its determinism. */
export interface PreparedBackend {
  readonly backend: Backend;
  /** Undoes the seeding. */
  readonly globalSeed: GlobalSeed;
  /** Present when deterministic mode was asked for. */
  readonly determinism?: DeterministicModeReport;
}

/**
 * What every entry point does first: switches to deterministic kernels where asked, before a library loads that reads
 * its settings once, makes the backend ready and seeds every source of randomness.
 *
 * @returns With `backend.threads` as asked for; those of a native backend, which chooses them itself, as they are.
 * @throws {EnvironmentError} If the backend cannot run here, or cannot promise what `isDeterministic` asks for.
 * @throws {UsageError} `THREADS_UNSUPPORTED` if it cannot share its work among so many threads.
 */
export async function prepareBackend({
  name,
  seed,
  isDeterministic = false,
  threads = 1,
  shards = 1,
}: PrepareBackendOptions): Promise<PreparedBackend> {
  if (name !== 'wasm' && name !== 'auto') requireOneThread(name, threads ?? 1);
  if (isDeterministic) {
    // What the native library reads once must be set before it is known whether `auto` chooses it.
    const { guarantee } = enableDeterministicMode({ backend: name === 'auto' ? 'gpu' : name });
    if (guarantee === 'none') throw notDeterministic(name);
  }
  const backend = withThreads(await loadBackend(name), { threads, shards });
  const determinism = isDeterministic
    ? enableDeterministicMode({ backend: backend.name })
    : undefined;
  const globalSeed = setGlobalSeed(seed, { tf });
  return { backend, globalSeed, ...(determinism === undefined ? {} : { determinism }) };
}

function withThreads(backend: Backend, wishes: ThreadWishes): Backend {
  const threads = threadCount(backend.name, wishes);
  if (backend.name === 'wasm') {
    const description = `${backend.description}; ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
    return { ...backend, threads, description };
  }
  requireOneThread(backend.name, threads);
  return backend;
}

function notDeterministic(name: BackendName): EnvironmentError {
  return new EnvironmentError(`Backend "${name}" cannot give the same bits twice on one machine`, {
    code: 'BACKEND_NOT_DETERMINISTIC',
    remedy: 'use --backend wasm, or leave out --deterministic',
  });
}
