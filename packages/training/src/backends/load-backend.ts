import { EnvironmentError } from '@pixelis/core';
import * as tf from '@tensorflow/tfjs';
import type { Backend, BackendName } from './backend';
import { loadNativeBackend } from './native-backend';
import { loadWasmBackend } from './wasm-backend';
import { loadWebgpuBackend, probeWebgpu } from './webgpu-backend';

/** How a backend is loaded. */
export interface LoadBackendOptions {
  /** Threads of TensorFlow's own pool, on `cpu` and `gpu`; one for each core where absent. */
  readonly threads?: number;
  /** Whether `auto` passes over a backend that cannot give the same bits twice on one machine. @default {false} */
  readonly isDeterministic?: boolean;
}

/**
 * Makes a backend ready and TensorFlow.js use it. It never falls back to another one in silence: `auto` alone
 * chooses, a GPU before the native CPU before `wasm`, never a GPU that is software, and its description says so.
 *
 * @throws {EnvironmentError} If the machine or the installation cannot run it.
 */
export async function loadBackend(
  name: BackendName,
  options: LoadBackendOptions = {},
): Promise<Backend> {
  switch (name) {
    case 'wasm':
      return loadWasmBackend();
    case 'cpu':
    case 'gpu':
      return loadNativeBackend(name, options);
    case 'webgpu':
      return loadWebgpuBackend();
    case 'reference':
      return loadReferenceBackend();
    case 'auto':
      return loadFastestBackend(options);
  }
}

async function loadReferenceBackend(): Promise<Backend> {
  await tf.setBackend('cpu');
  silenceAdvertisement();
  return {
    name: 'reference',
    version: tf.version_core,
    threads: 1,
    description: `reference (plain JavaScript of TensorFlow.js ${tf.version_core}): slow, to compare with`,
  };
}

/** With its first tensor this backend advertises the native addon on stderr, except in tests of TensorFlow.js itself. */
function silenceAdvertisement(): void {
  const isTest = tf.env().getBool('IS_TEST');
  tf.env().set('IS_TEST', true);
  tf.scalar(0).dispose();
  tf.env().set('IS_TEST', isTest);
}

async function loadFastestBackend(options: LoadBackendOptions): Promise<Backend> {
  const candidates = [
    () => loadNativeBackend('gpu', options),
    ...(options.isDeterministic === true ? [] : [loadHardwareWebgpu]),
    () => loadNativeBackend('cpu', options),
  ];
  for (const load of candidates) {
    const backend = await unlessUnavailable(load);
    if (backend !== undefined) return chosen(backend, 'as the fastest here');
  }
  return chosen(
    await loadWasmBackend(),
    'since neither a GPU nor the native addon can be used (pixelis doctor says why)',
  );
}

async function loadHardwareWebgpu(): Promise<Backend | undefined> {
  const { isAvailable, isSoftware } = await probeWebgpu();
  return isAvailable && !isSoftware ? loadWebgpuBackend() : undefined;
}

async function unlessUnavailable(
  load: () => Promise<Backend | undefined>,
): Promise<Backend | undefined> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof EnvironmentError) return undefined;
    throw error;
  }
}

function chosen(backend: Backend, reason: string): Backend {
  return { ...backend, description: `${backend.description}; chosen by auto, ${reason}` };
}
