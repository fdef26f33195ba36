import { EnvironmentError } from '@pixelis/core';
import { type InstalledKernels, installTrainingKernels } from '@pixelis/kernels';
import * as tf from '@tensorflow/tfjs';
import { version_wasm as version } from '@tensorflow/tfjs-backend-wasm';
import type { Backend } from './backend';

/** TensorFlow.js keeps its kernels for the whole process, so ours are put in once for each wasm backend. */
let current: { readonly backend: unknown; readonly kernels: InstalledKernels } | undefined;

/**
 * Sets TensorFlow.js to its WebAssembly backend with the training kernels of `@pixelis/kernels`. Only the SIMD binary
 * without threads is used: it gives the same bits on every machine.
 *
 * @throws {EnvironmentError} If the JavaScript engine lacks WebAssembly SIMD, or the backend does not start.
 */
export async function loadWasmBackend(): Promise<Backend> {
  if (!(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'))) {
    throw new EnvironmentError(
      'Backend "wasm" needs WebAssembly SIMD, which this JavaScript engine lacks',
      {
        code: 'WASM_SIMD_MISSING',
        remedy: 'use Node.js 20.19 or later on x86-64 or arm64',
      },
    );
  }
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  if (!(await tf.setBackend('wasm'))) {
    throw new EnvironmentError('Backend "wasm" does not start', {
      code: 'WASM_BACKEND_BROKEN',
      remedy: 'install again (npm ci), so that @tensorflow/tfjs-backend-wasm is whole',
    });
  }
  installKernelsOnce();
  return {
    name: 'wasm',
    version,
    threads: 1,
    description: `wasm (TensorFlow.js ${version} with SIMD kernels of @pixelis/kernels): the same bits on every machine`,
  };
}

function installKernelsOnce(): void {
  const backend = tf.backend();
  if (current?.backend === backend) return;
  current?.kernels.uninstall();
  current = { backend, kernels: installTrainingKernels(tf) };
}
