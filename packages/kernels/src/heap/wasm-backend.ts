import { EnvironmentError } from '@pixelis/core';
import type { KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmMemory } from './wasm-memory';

/**
 * What the kernels use of tfjs's WebAssembly backend: its heap, which holds every tensor, and its allocator. The
 * backend's type hides the heap, hence the check at run time.
 */
export interface WasmBackend extends KernelBackend {
  readonly wasm: {
    readonly asm: { readonly memory: WasmMemory };
    _malloc(bytes: number): number;
    _free(address: number): void;
  };
  getMemoryOffset(dataId: object): number;
  /** One more tensor has these values. */
  incRef(dataId: object): void;
  makeOutput(shape: number[], dtype: 'float32' | 'int32'): TensorInfo;
}

/**
 * Narrows a backend to tfjs's WebAssembly backend.
 *
 * @throws {EnvironmentError} If it is another backend, or a version of it whose memory cannot be reached.
 */
export function asWasmBackend(backend: unknown): WasmBackend {
  if (!isWasmBackend(backend)) {
    throw new EnvironmentError(
      'The training kernels cannot reach the memory of the backend "wasm" of TensorFlow.js',
      {
        code: 'WASM_BACKEND_UNSUPPORTED',
        remedy: 'use version 4.22 of @tensorflow/tfjs-backend-wasm',
      },
    );
  }
  return backend;
}

function isWasmBackend(backend: unknown): backend is WasmBackend {
  if (typeof backend !== 'object' || backend === null) return false;
  if (!('wasm' in backend && 'getMemoryOffset' in backend && 'makeOutput' in backend)) return false;
  const { wasm } = backend;
  if (typeof wasm !== 'object' || wasm === null) return false;
  if (!('asm' in wasm && '_malloc' in wasm && '_free' in wasm)) return false;
  const { asm } = wasm;
  if (typeof asm !== 'object' || asm === null || !('memory' in asm)) return false;
  return asm.memory instanceof WebAssembly.Memory;
}
