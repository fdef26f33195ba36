import { EnvironmentError } from '@pixelis/core';
import { installTrainingKernels } from '@pixelis/kernels';
import * as tf from '@tensorflow/tfjs';
import { version_wasm as version } from '@tensorflow/tfjs-backend-wasm';
import type { Backend } from './backend';

/**
 * Sets TensorFlow.js to its WebAssembly backend with the training kernels of `@pixelis/kernels`. Only the SIMD binary
 * without threads is used: it gives the same bits on every machine.
 *
 * @throws {EnvironmentError} If the JavaScript engine lacks WebAssembly SIMD.
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
  await tf.setBackend('wasm');
  installTrainingKernels(tf);
  return {
    name: 'wasm',
    version,
    threads: 1,
    description: `wasm (TensorFlow.js ${version} with SIMD kernels of @pixelis/kernels): the same bits on every machine`,
  };
}
