import { EnvironmentError } from '@pixelis/core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';

/**
 * Makes reads of a WebGPU backend fail once anything failed on its device. WebGPU reports errors of commands by events, and
 * tfjs listens to none: it would read zeros. Disposing the backend gives the device back.
 *
 * Every later read throws an {@link EnvironmentError}: `GPU_OUT_OF_MEMORY`, `GPU_LOST` or `GPU_COMMAND_FAILED`.
 */
export function failOnDeviceErrors(backend: WebGPUBackend): void {
  const { device } = backend;
  let failure: EnvironmentError | undefined;
  device.addEventListener('uncapturederror', (event) => {
    event.preventDefault();
    failure ??= failureOf(event.error);
  });
  void device.lost.then(({ reason, message }) => {
    if (reason !== 'destroyed') failure ??= deviceLost(message);
  });
  const read = backend.read.bind(backend);
  backend.read = async (dataId) => {
    try {
      const values = await read(dataId);
      if (failure === undefined) return values;
    } catch (error) {
      // A lost device refuses the read a moment before it says why.
      if (isAborted(error)) failure ??= deviceLost('a read was aborted');
      if (failure === undefined) throw error;
    }
    throw failure;
  };
  const dispose = backend.dispose.bind(backend);
  backend.dispose = () => {
    dispose();
    device.destroy();
  };
}

function failureOf(error: GPUError): EnvironmentError {
  const [firstLine = ''] = error.message.split('\n');
  if (error.constructor.name === 'GPUOutOfMemoryError') {
    return new EnvironmentError(`The GPU has no memory left: ${firstLine}`, {
      code: 'GPU_OUT_OF_MEMORY',
      remedy:
        'use smaller shards of a batch or a smaller model, or close other programs that use the GPU',
    });
  }
  return new EnvironmentError(`The GPU refused a command: ${firstLine}`, {
    code: 'GPU_COMMAND_FAILED',
    remedy:
      'use smaller shards of a batch if a buffer is too large for this GPU, a newer driver, or --backend wasm',
  });
}

function deviceLost(message: string): EnvironmentError {
  return new EnvironmentError(`The GPU was lost: ${message}`, {
    code: 'GPU_LOST',
    remedy:
      "resume the run from its last checkpoint; where it happens again, update the GPU's driver",
  });
}

function isAborted(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError'
  );
}
