import { availableParallelism } from 'node:os';
import util from 'node:util';
import { EnvironmentError } from '@pixelis/core';
import * as tf from '@tensorflow/tfjs';
import type { Backend } from './backend';

const ADDON = '@tensorflow/tfjs-node-gpu';

/**
 * Sets TensorFlow.js to its native backend through the addon `@tensorflow/tfjs-node-gpu`.
 *
 * @param device `cpu` hides every GPU; `gpu` refuses to fall back to the CPU.
 * @throws {EnvironmentError} If the addon cannot be loaded, or `gpu` was asked for and TensorFlow uses none.
 */
export async function loadNativeBackend(device: 'cpu' | 'gpu'): Promise<Backend> {
  if (device === 'cpu') process.env['CUDA_VISIBLE_DEVICES'] = '';
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  restoreIsNullOrUndefined();
  const version = await loadAddon(device);
  await tf.setBackend('tensorflow');
  const backend: unknown = tf.backend();
  const isUsingGpu =
    typeof backend === 'object' &&
    backend !== null &&
    'isUsingGpuDevice' in backend &&
    backend.isUsingGpuDevice === true;
  if (device === 'gpu' && !isUsingGpu) {
    throw new EnvironmentError('Backend "gpu" was asked for, but TensorFlow finds no GPU', {
      code: 'GPU_MISSING',
      remedy:
        'install the CUDA libraries that this TensorFlow needs, or use --backend cpu or --backend wasm',
    });
  }
  return {
    name: device,
    version,
    // TensorFlow's own pool has a thread for each core.
    threads: availableParallelism(),
    description: `${device} (TensorFlow ${version} through ${ADDON}): the same bits on this machine only`,
  };
}

async function loadAddon(device: string): Promise<string> {
  try {
    const addon: unknown = await import(ADDON);
    return tensorflowVersion(addon);
  } catch (cause) {
    throw new EnvironmentError(
      `Backend "${device}" needs the native addon of ${ADDON}, which cannot be loaded here`,
      {
        code: 'NATIVE_BACKEND_MISSING',
        remedy: `install ${ADDON} with its native library, or use --backend wasm, which needs nothing native`,
        cause,
      },
    );
  }
}

function tensorflowVersion(addon: unknown): string {
  if (typeof addon === 'object' && addon !== null && 'version' in addon) {
    const { version } = addon;
    if (typeof version === 'object' && version !== null && 'tensorflow' in version)
      return String(version.tensorflow);
  }
  return 'unknown';
}

/** The addon calls a function of `node:util` that Node 23 removed. */
function restoreIsNullOrUndefined(): void {
  if ('isNullOrUndefined' in util) return;
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  });
}
