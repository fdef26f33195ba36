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
import { requireCompilable } from '../trainer/require-compilable';
import type { TrainerOptions } from '../trainer/trainer';
import { requireOneThread } from './require-one-thread';

/** What a program asks of its backend. */
export interface PrepareBackendOptions extends Pick<
  TrainerOptions<never>,
  'isCompiled' | 'precision'
> {
  readonly name: BackendName;
  readonly seed: number;
  /** Refuse a backend that cannot give the same bits twice on one machine. @default {false} */
  readonly isDeterministic?: boolean;
  /**
   * Threads that shall share the work: those of a training step on wasm, of TensorFlow's own pool on cpu and gpu; null: one
   * for each core. Other backends have one. @default {1} on wasm, else {null}
   */
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
 * @returns With `backend.threads` as they are.
 * @throws {EnvironmentError} If the backend cannot run here, or cannot promise what `isDeterministic` asks for.
 * @throws {UsageError} `THREADS_UNSUPPORTED` if it cannot share its work among so many threads, `COMPILE_UNSUPPORTED` or
 * `PRECISION_UNSUPPORTED` if it cannot compile steps that shall be compiled.
 */
export async function prepareBackend({
  name,
  seed,
  isDeterministic = false,
  threads,
  shards = 1,
  ...compilation
}: PrepareBackendOptions): Promise<PreparedBackend> {
  if (name === 'reference' || name === 'webgpu') requireOneThread(name, threads ?? 1);
  if (isDeterministic) {
    // What the native library reads once must be set before it is known whether `auto` chooses it.
    const { guarantee } = enableDeterministicMode({ backend: name === 'auto' ? 'gpu' : name });
    if (guarantee === 'none') throw notDeterministic(name);
  }
  const pool = threads === undefined || threads === null ? {} : { threads };
  const loaded = await loadBackend(name, { ...pool, isDeterministic });
  requireCompilable(tf.getBackend(), compilation);
  const backend = withThreads(loaded, { threads: threads === undefined ? 1 : threads, shards });
  const determinism = isDeterministic
    ? enableDeterministicMode({ backend: backend.name })
    : undefined;
  const globalSeed = setGlobalSeed(seed, { tf });
  return { backend, globalSeed, ...(determinism === undefined ? {} : { determinism }) };
}

/** The threads of wasm are the trainer's; a native library has its own, and the others one. */
function withThreads(backend: Backend, wishes: ThreadWishes): Backend {
  if (backend.name !== 'wasm') return backend;
  const threads = threadCount(backend.name, wishes);
  const description = `${backend.description}; ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return { ...backend, threads, description };
}

function notDeterministic(name: BackendName): EnvironmentError {
  return new EnvironmentError(`Backend "${name}" cannot give the same bits twice on one machine`, {
    code: 'BACKEND_NOT_DETERMINISTIC',
    remedy: 'use --backend wasm, or leave out --deterministic',
  });
}
