import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

/** The backends that every layer is tested on: tfjs's plain JavaScript, and the portable default. */
export const BACKENDS = ['cpu', 'wasm'] as const;

/** Makes a backend the current one. */
export async function setBackend(name: (typeof BACKENDS)[number]): Promise<void> {
  setWasmPaths(
    dirname(require.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm')) +
      sep,
  );
  if (!(await tf.setBackend(name))) {
    throw new Error(`Backend ${name} does not start`);
  }
  await tf.ready();
  silenceAdvertisement();
}

/** The plain JavaScript backend's first tensor advertises the native addon, but not in a test of tfjs itself. */
function silenceAdvertisement(): void {
  tf.env().set('IS_TEST', true);
  tf.scalar(0).dispose();
  tf.env().set('IS_TEST', false);
}
