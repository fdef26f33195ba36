import { EnvironmentError } from '@pixelis/core';
import type { KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';

/**
 * What the kernels use of tfjs's WebGPU backend: the buffers of its tensors, and the pass that it records its own programs
 * into. The backend's type hides half of it, hence the check at run time.
 */
export interface WebgpuBackend extends KernelBackend {
  readonly device: GPUDevice;
  readonly bufferManager: { acquireBuffer(bytes: number, usage: number): GPUBuffer };
  readonly tensorMap: { get(dataId: object): { readonly resource?: unknown } };
  /** Tensors of the commands that are recorded and not yet sent: they are freed after that. */
  readonly commandQueueOwnedIds: WeakSet<object>;
  /** Uniforms of those commands. */
  readonly uniformPendingDisposal: GPUBuffer[];
  readonly commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  dispatchCountInPass: number;
  makeTensorInfo(shape: number[], dtype: 'float32', values?: Float32Array): TensorInfo;
  uploadToGPU(dataId: object): void;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

const MEMBERS = [
  'device',
  'bufferManager',
  'tensorMap',
  'commandQueueOwnedIds',
  'uniformPendingDisposal',
  'commandEncoder',
  'dispatchCountInPass',
  'makeTensorInfo',
  'uploadToGPU',
  'ensureCommandEncoderReady',
  'endComputePassEncoder',
  'submitQueue',
];

/**
 * Narrows a backend to tfjs's WebGPU backend.
 *
 * @throws {EnvironmentError} If it is another backend, or a version of it that is made otherwise.
 */
export function asWebgpuBackend(backend: unknown): WebgpuBackend {
  if (!isWebgpuBackend(backend)) {
    throw new EnvironmentError(
      'The training kernels cannot reach the commands of the backend "webgpu" of TensorFlow.js',
      {
        code: 'WEBGPU_BACKEND_UNSUPPORTED',
        remedy: 'use version 4.22 of @tensorflow/tfjs-backend-webgpu',
      },
    );
  }
  return backend;
}

function isWebgpuBackend(backend: unknown): backend is WebgpuBackend {
  return (
    typeof backend === 'object' && backend !== null && MEMBERS.every((member) => member in backend)
  );
}
