import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { asWasmBackend } from '../heap/wasm-backend';

/**
 * The values of a float32 tensor where they lie on the heap of tfjs's wasm backend, without a copy; valid until the next
 * operation, which may move them.
 *
 * @param backend `tf.backend()`
 * @throws {EnvironmentError} If it is not the wasm backend of tfjs 4.22.
 * @throws {TypeError} If the tensor is of another type.
 */
export function tensorValues(backend: unknown, tensor: TensorInfo): Float32Array {
  if (tensor.dtype !== 'float32') {
    throw new TypeError(
      `Cannot look at a tensor's values: its type must be float32: current value is ${tensor.dtype}`,
    );
  }
  const wasmBackend = asWasmBackend(backend);
  const { buffer } = wasmBackend.wasm.asm.memory;
  const address = wasmBackend.getMemoryOffset(tensor.dataId);
  return new Float32Array(buffer, address, util.sizeFromShape(tensor.shape));
}
