import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { instantiateKernels } from './kernel-binary';
import { asWasmBackend, type WasmBackend } from './wasm-backend';

/** A function of the compiled kernels: addresses are bytes into the heap, counts and strides count elements. */
export type WasmFunction = (...values: number[]) => number;

/** Where the tensors of tfjs's wasm backend lie, and the compiled kernels that work on them there. */
export class Heap {
  readonly backend: WasmBackend;
  private readonly exports: WebAssembly.Exports;
  private readonly reserved: number[] = [];

  /**
   * @throws {EnvironmentError} If the backend is not the wasm backend of tfjs 4.22, or the compiled kernels cannot be read.
   */
  constructor(backend: unknown) {
    this.backend = asWasmBackend(backend);
    this.exports = instantiateKernels(this.backend.wasm.asm.memory, 'training-kernels.wasm');
  }

  /**
   * Functions of the compiled kernels by name.
   *
   * @throws {TypeError} If there is none of that name.
   */
  functions<Name extends string>(...names: readonly Name[]): Readonly<Record<Name, WasmFunction>> {
    const found: Partial<Record<Name, WasmFunction>> = {};
    for (const name of names) found[name] = this.functionNamed(name);
    if (!hasAll(found, names)) throw new TypeError('Cannot name a function of the kernels twice');
    return found;
  }

  /** Address of a tensor's first element. It changes when the tensor does, not when the heap grows. */
  address(tensor: TensorInfo): number {
    return this.backend.getMemoryOffset(tensor.dataId);
  }

  /**
   * A new tensor, not filled; it belongs to the caller.
   *
   * @throws {RangeError} If the heap has no room for it, which tfjs itself does not look at.
   */
  output(shape: number[], dtype: 'float32' | 'int32' = 'float32'): TensorInfo {
    const out = this.backend.makeOutput(shape, dtype);
    if (util.sizeFromShape(shape) > 0 && this.address(out) === 0) {
      this.backend.disposeData(out.dataId);
      throw new RangeError(
        `Cannot make a tensor of shape [${shape}]: the heap of WebAssembly is full`,
      );
    }
    return out;
  }

  /**
   * Working memory until {@link dispose}; growing the heap does not move it.
   *
   * @throws {RangeError} If the heap is full.
   */
  reserve(bytes: number): number {
    const address = this.backend.wasm._malloc(bytes);
    if (address === 0) {
      throw new RangeError(`Cannot reserve ${bytes} bytes: the heap of WebAssembly is full`);
    }
    this.reserved.push(address);
    return address;
  }

  /** The heap; another one after each allocation, which may make it grow. */
  get buffer(): ArrayBuffer {
    return this.backend.wasm.asm.memory.buffer;
  }

  /** The same entries as another tensor, with a shape of as many entries; it belongs to the caller. */
  share({ dataId, dtype }: TensorInfo, shape: number[]): TensorInfo {
    this.backend.incRef(dataId);
    return { dataId, dtype, shape };
  }

  /** Frees a tensor that belongs to the caller. */
  free(tensor: TensorInfo): void {
    this.backend.disposeData(tensor.dataId);
  }

  /**
   * Runs `work` with the address of working memory that is its own until it returns.
   *
   * @throws {RangeError} If the heap is full.
   */
  withMemory<Result>(bytes: number, work: (address: number) => Result): Result {
    const address = this.backend.wasm._malloc(Math.max(bytes, 1));
    if (address === 0) {
      throw new RangeError(`Cannot reserve ${bytes} bytes: the heap of WebAssembly is full`);
    }
    try {
      return work(address);
    } finally {
      this.backend.wasm._free(address);
    }
  }

  /** A tensor's values as they lie on the heap; valid until the next allocation, which may make the heap grow. */
  entries(tensor: TensorInfo): Float32Array | Int32Array {
    return tensor.dtype === 'int32' ? this.integers(tensor) : this.floats(tensor);
  }

  /** As {@link entries}, of a float32 tensor. */
  floats(tensor: TensorInfo): Float32Array {
    return new Float32Array(this.buffer, this.address(tensor), util.sizeFromShape(tensor.shape));
  }

  /** As {@link entries}, of an int32 tensor. */
  integers(tensor: TensorInfo): Int32Array {
    return new Int32Array(this.buffer, this.address(tensor), util.sizeFromShape(tensor.shape));
  }

  /** Frees the working memory. */
  dispose(): void {
    for (const address of this.reserved.splice(0)) this.backend.wasm._free(address);
  }

  private functionNamed(name: string): WasmFunction {
    const value = this.exports[name];
    if (!isFunction(value)) throw new TypeError(`The compiled kernels lack ${name}`);
    return value;
  }
}

function isFunction(value: unknown): value is WasmFunction {
  return typeof value === 'function';
}

function hasAll<Name extends string>(
  found: Partial<Record<Name, WasmFunction>>,
  names: readonly Name[],
): found is Record<Name, WasmFunction> {
  return names.every((name) => found[name] !== undefined);
}
