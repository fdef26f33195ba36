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

/** What a program asks of its backend. */
export interface PrepareBackendOptions {
  readonly name: BackendName;
  readonly seed: number;
  /** Refuse a backend that cannot give the same bits twice on one machine. @default {false} */
  readonly isDeterministic?: boolean;
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
 * @throws {EnvironmentError} If the backend cannot run here, or cannot promise what `isDeterministic` asks for.
 */
export async function prepareBackend({
  name,
  seed,
  isDeterministic = false,
}: PrepareBackendOptions): Promise<PreparedBackend> {
  if (isDeterministic) {
    // What the native library reads once must be set before it is known whether `auto` chooses it.
    const { guarantee } = enableDeterministicMode({ backend: name === 'auto' ? 'gpu' : name });
    if (guarantee === 'none') throw notDeterministic(name);
  }
  const backend = await loadBackend(name);
  const determinism = isDeterministic
    ? enableDeterministicMode({ backend: backend.name })
    : undefined;
  const globalSeed = setGlobalSeed(seed, { tf });
  return { backend, globalSeed, ...(determinism === undefined ? {} : { determinism }) };
}

function notDeterministic(name: BackendName): EnvironmentError {
  return new EnvironmentError(`Backend "${name}" cannot give the same bits twice on one machine`, {
    code: 'BACKEND_NOT_DETERMINISTIC',
    remedy: 'use --backend wasm, or leave out --deterministic',
  });
}
