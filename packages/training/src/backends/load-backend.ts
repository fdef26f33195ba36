import { EnvironmentError, UsageError } from '@pixelis/core';
import * as tf from '@tensorflow/tfjs';
import type { Backend, BackendName } from './backend';
import { loadNativeBackend } from './native-backend';
import { loadWasmBackend } from './wasm-backend';

/**
 * Makes a backend ready and TensorFlow.js use it. It never falls back to another one in silence: `auto` alone
 * chooses, the native backend if it can be loaded and else `wasm`, and its description says so.
 *
 * @throws {EnvironmentError} If the machine or the installation cannot run it.
 * @throws {UsageError} If this version does not have it.
 */
export async function loadBackend(name: BackendName): Promise<Backend> {
  switch (name) {
    case 'wasm':
      return loadWasmBackend();
    case 'cpu':
    case 'gpu':
      return loadNativeBackend(name);
    case 'reference':
      return loadReferenceBackend();
    case 'auto':
      return loadFastestBackend();
    case 'webgpu':
      throw new UsageError('Backend "webgpu" is not available in this version', {
        code: 'BACKEND_UNAVAILABLE',
        remedy: 'use --backend wasm, cpu, gpu, reference or auto',
      });
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

async function loadFastestBackend(): Promise<Backend> {
  for (const device of ['gpu', 'cpu'] as const) {
    try {
      const backend = await loadNativeBackend(device);
      return {
        ...backend,
        description: `${backend.description}; chosen by auto as the fastest here`,
      };
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
    }
  }
  const backend = await loadWasmBackend();
  return {
    ...backend,
    description: `${backend.description}; chosen by auto, since the native addon cannot be loaded`,
  };
}
