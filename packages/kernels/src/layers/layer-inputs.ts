import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import type { KernelCall } from '../kernel-call';

/** What the kernel of a layer was called with; its errors name the layer. */
export class LayerInputs {
  /** @param layer What cannot be computed if an input is wrong, such as "layer normalisation". */
  constructor(
    private readonly layer: string,
    private readonly call: KernelCall,
  ) {}

  /**
   * A float32 tensor.
   *
   * @param shape The one that it must have.
   * @throws {TypeError} If it is missing or of another type.
   * @throws {RangeError} If it has another shape.
   */
  floats(name: string, shape?: number[]): TensorInfo {
    return this.tensor(name, { dtype: 'float32', shape });
  }

  /** As {@link floats}, of an int32 tensor. */
  integers(name: string, shape?: number[]): TensorInfo {
    return this.tensor(name, { dtype: 'int32', shape });
  }

  /**
   * A float32 tensor with its two dimensions.
   *
   * @throws {TypeError} If it is missing or of another type.
   * @throws {RangeError} If it has fewer or more dimensions.
   */
  matrix(name: string): [matrix: TensorInfo, rows: number, columns: number] {
    const tensor = this.floats(name);
    const [rows, columns] = tensor.shape;
    if (rows === undefined || columns === undefined || tensor.shape.length !== 2) {
      throw new RangeError(
        `Cannot compute ${this.layer}: ${name} must have two dimensions: current shape is [${tensor.shape}]`,
      );
    }
    return [tensor, rows, columns];
  }

  /**
   * A number among the attributes.
   *
   * @throws {TypeError} If it is missing or no number.
   */
  number(name: string): number {
    const value = this.call.attrs?.[name];
    if (typeof value !== 'number')
      throw new TypeError(`Cannot compute ${this.layer}: ${name} must be a number`);
    return value;
  }

  /**
   * A whole number among the attributes.
   *
   * @throws {TypeError} If it is missing or no number.
   * @throws {RangeError} If it is not whole or below `least`.
   */
  count(name: string, least: number): number {
    const value = this.number(name);
    if (!Number.isSafeInteger(value) || value < least) {
      throw new RangeError(
        `Cannot compute ${this.layer}: ${name} must be a whole number >= ${least}: current value is ${value}`,
      );
    }
    return value;
  }

  private tensor(
    name: string,
    { dtype, shape }: { dtype: 'float32' | 'int32'; shape: number[] | undefined },
  ): TensorInfo {
    const tensor = this.call.inputs[name];
    if (tensor === undefined)
      throw new TypeError(`Cannot compute ${this.layer}: input "${name}" is missing`);
    if (tensor.dtype !== dtype) {
      throw new TypeError(
        `Cannot compute ${this.layer}: ${name} must be ${dtype}: current type is ${tensor.dtype}`,
      );
    }
    if (shape !== undefined && !util.arraysEqual(tensor.shape, shape)) {
      throw new RangeError(
        `Cannot compute ${this.layer}: ${name} must have shape [${shape}]: current shape is [${tensor.shape}]`,
      );
    }
    return tensor;
  }
}

/** Addresses of tensors, in the order of a kernel's parameters. */
export function addresses(heap: Heap, tensors: readonly TensorInfo[]): number[] {
  return tensors.map((tensor) => heap.address(tensor));
}
