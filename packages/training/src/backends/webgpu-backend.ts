import { EnvironmentError } from '@pixelis/core';
import { installWebgpuKernels } from '@pixelis/kernels';
import * as tf from '@tensorflow/tfjs';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { Backend } from './backend';
import { requestWebgpuAdapter, type WebgpuAdapter } from './webgpu-adapter';
import { failOnDeviceErrors } from './webgpu-device-errors';
import { boundUnusedBuffers } from './webgpu-memory';

export { probeWebgpu, type WebgpuAdapterFacts, type WebgpuProbe } from './webgpu-adapter';

const NAME = 'webgpu';

/** Limits of the adapter that the kernels of tfjs rely on; what is not asked for is the specification's minimum. */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/** The backend that was made here, with the adapter: Dawn lives as long as somebody refers to it. */
let current: { readonly backend: WebGPUBackend; readonly source: WebgpuAdapter } | undefined;

/**
 * Sets TensorFlow.js to its WebGPU backend, with the kernels of `@pixelis/kernels`, on the GPU that the package `webgpu` (Dawn) finds, of any vendor. A software
 * device is taken like any other, and the description says so: `auto` must ask `probeWebgpu` first and leave it alone.
 *
 * What is wrong on the device (memory, a lost device) is thrown by the next read of a tensor. Nothing needs closing: the
 * process ends as it would without a GPU.
 *
 * @throws {EnvironmentError} If a package, a driver or a GPU is missing.
 */
export async function loadWebgpuBackend(): Promise<Backend> {
  if (current === undefined || tf.findBackend(NAME) !== current.backend) {
    const source = await requestWebgpuAdapter();
    current = { source, backend: await startBackend(source) };
    register(current.backend);
  }
  if (!(await tf.setBackend(NAME))) {
    throw new EnvironmentError('Backend "webgpu" does not start', {
      code: 'WEBGPU_BACKEND_BROKEN',
      remedy:
        'install again (npm ci), so that @tensorflow/tfjs-backend-webgpu is whole, or use --backend wasm',
    });
  }
  installWebgpuKernels(tf);
  const { facts, version } = current.source;
  const device = [facts.vendor, facts.architecture, facts.description].filter(Boolean).join(', ');
  const kind = facts.isSoftware
    ? 'a software device, to test with, not for speed'
    : 'the same bits are not promised';
  return {
    name: NAME,
    version,
    device,
    threads: 1,
    description: `webgpu (TensorFlow.js ${tf.version_core} on ${device}, through Dawn of webgpu ${version}): ${kind}`,
  };
}

function register(backend: WebGPUBackend): void {
  const existing: unknown = tf.findBackendFactory(NAME);
  if (existing !== null && existing !== undefined) tf.removeBackend(NAME);
  tf.registerBackend(NAME, () => backend);
}

async function startBackend({ gpu, adapter, globals }: WebgpuAdapter): Promise<WebGPUBackend> {
  const { WebGPUBackend: Constructor } = await importBackend();
  const features = (['timestamp-query'] as const).filter((name) => adapter.features.has(name));
  const device = await adapter.requestDevice({
    requiredFeatures: features,
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
  });
  // Dawn may crash when a process exits while commands are pending: destroying the device ends them first.
  process.once('exit', () => device.destroy());
  // The kernels read GPUBufferUsage and the like from the global object, as in a browser.
  Object.assign(globalThis, globals);
  const backend = withNavigatorGpu(gpu, () => new Constructor(device, adapter.info));
  failOnDeviceErrors(backend);
  boundUnusedBuffers(backend.bufferManager);
  return backend;
}

async function importBackend() {
  try {
    return await import('@tensorflow/tfjs-backend-webgpu');
  } catch (cause) {
    throw new EnvironmentError(
      'Backend "webgpu" needs the package @tensorflow/tfjs-backend-webgpu, which cannot be loaded here',
      {
        code: 'WEBGPU_PACKAGE_MISSING',
        remedy:
          'install it (npm install webgpu @tensorflow/tfjs-backend-webgpu), or use --backend wasm',
        cause,
      },
    );
  }
}

/** The constructor of the backend wants to see `navigator.gpu`, nothing else does: it is there for that long. */
function withNavigatorGpu<Result>(gpu: GPU, construct: () => Result): Result {
  const isNavigatorMissing = !('navigator' in globalThis);
  const target: object = isNavigatorMissing ? globalThis : globalThis.navigator;
  const key = isNavigatorMissing ? 'navigator' : 'gpu';
  const before = Object.getOwnPropertyDescriptor(target, key);
  const value = isNavigatorMissing ? { gpu } : gpu;
  Object.defineProperty(target, key, { value, configurable: true });
  try {
    return construct();
  } finally {
    Reflect.deleteProperty(target, key);
    if (before !== undefined) Object.defineProperty(target, key, before);
  }
}
