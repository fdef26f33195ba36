import { dirname, sep } from 'node:path';
import { installTrainingKernels, type InstalledKernels } from '@pixelis/kernels';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

/** What every layer is tested on: tfjs's plain JavaScript, its WebAssembly, and that with the kernels that training uses. */
export const BACKENDS = ['cpu', 'wasm', 'wasm with kernels'] as const;

let installed: InstalledKernels | undefined;

/** Makes a backend the current one. */
export async function setBackend(name: (typeof BACKENDS)[number]): Promise<void> {
  const binary = require.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm');
  setWasmPaths(dirname(binary) + sep);
  installed?.uninstall();
  installed = undefined;
  if (!(await tf.setBackend(name === 'cpu' ? 'cpu' : 'wasm'))) {
    throw new Error(`Backend ${name} does not start`);
  }
  await tf.ready();
  if (name === 'wasm with kernels') {
    installed = installTrainingKernels(tf);
  }
  silenceAdvertisement();
}

/** The plain JavaScript backend's first tensor advertises the native addon, but not in a test of tfjs itself. */
function silenceAdvertisement(): void {
  tf.env().set('IS_TEST', true);
  tf.scalar(0).dispose();
  tf.env().set('IS_TEST', false);
}
