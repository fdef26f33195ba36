import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import type { KernelCall, OwnKernel } from '../kernel-call';

/** Calls kernels of one heap one after another, without the tape and the scopes of tfjs between them. */
export class TensorSteps {
  private readonly wasm;

  constructor(
    private readonly heap: Heap,
    private readonly kernels: Readonly<Record<string, OwnKernel>>,
  ) {
    this.wasm = heap.functions('applyAdd', 'applyMultiply');
  }

  /** Runs a kernel of several outputs. */
  run(name: string, inputs: KernelCall['inputs'], attrs: KernelCall['attrs'] = {}): TensorInfo[] {
    const outputs = this.kernels[name]?.({ inputs, attrs, backend: this.heap.backend });
    if (outputs === undefined) throw new TypeError(`Kernel ${name} cannot serve this call on wasm`);
    return Array.isArray(outputs) ? outputs : [outputs];
  }

  /** Runs a kernel of one output. */
  one(name: string, inputs: KernelCall['inputs'], attrs: KernelCall['attrs'] = {}): TensorInfo {
    return only(this.run(name, inputs, attrs));
  }

  /** x · weight + bias of rows. */
  linear(x: TensorInfo, weight: TensorInfo, bias: TensorInfo): TensorInfo {
    return this.one(
      '_FusedMatMul',
      { a: x, b: weight, bias },
      { activation: 'linear', transposeA: false, transposeB: false },
    );
  }

  /** Gradients of {@link linear}: of x, of the weight and of the bias. */
  linearGradient(dy: TensorInfo, x: TensorInfo, weight: TensorInfo): LinearGradients {
    return {
      dx: this.one('BatchMatMul', { a: dy, b: weight }, { transposeA: false, transposeB: true }),
      dWeight: this.one('BatchMatMul', { a: x, b: dy }, { transposeA: true, transposeB: false }),
      dBias: this.one('PixelisColumnSums', { x: dy }),
    };
  }

  /** target += x, entry by entry. */
  add(target: TensorInfo, x: TensorInfo): void {
    this.wasm.applyAdd(...this.inPlace(target, x));
  }

  /** target *= x, entry by entry. */
  multiply(target: TensorInfo, x: TensorInfo): void {
    this.wasm.applyMultiply(...this.inPlace(target, x));
  }

  /** Arguments of a function of two entries, over one row whose result replaces `target`. */
  private inPlace(target: TensorInfo, x: TensorInfo): number[] {
    const count = util.sizeFromShape(target.shape);
    const to = this.heap.address(target);
    return [1, count, to, 0, 1, this.heap.address(x), 0, 1, to];
  }

  /** Gives back tensors that nobody else has seen. */
  free(...tensors: readonly TensorInfo[]): void {
    for (const { dataId } of tensors) this.heap.backend.disposeData(dataId);
  }
}

/** What goes back through a linear layer. */
export interface LinearGradients {
  readonly dx: TensorInfo;
  readonly dWeight: TensorInfo;
  readonly dBias: TensorInfo;
}

function only(outputs: readonly TensorInfo[]): TensorInfo {
  const [output] = outputs;
  if (output === undefined) throw new TypeError('A kernel gave no output');
  return output;
}
