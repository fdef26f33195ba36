import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import type { ConvolutionCall } from './convolution';
import { convolutionInfo, type GeometryTable } from './geometry';

/**
 * Depthwise convolutions of float32 images [batch, height, width, channels] and their gradients, in place on the heap of
 * tfjs's wasm backend; filters are [height, width, channels, multiplier]. `assembly/convolution-depthwise.ts` says in which
 * order they add. Results belong to the caller.
 */
export class DepthwiseConvolution {
  private readonly kernels;

  constructor(
    private readonly heap: Heap,
    private readonly table: GeometryTable,
  ) {
    this.kernels = heap.functions(
      'addDepthwise',
      'addDepthwiseFilterGradient',
      'addDepthwiseInputGradient',
    );
  }

  convolve(x: TensorInfo, filter: TensorInfo, call: ConvolutionCall): TensorInfo {
    const info = convolutionInfo({ ...call, isDepthwise: true });
    const y = this.zeros(info.outShape);
    if (hasNone(x, filter, y)) return y;
    this.kernels.addDepthwise(this.table.write(info), ...this.addresses(x, filter, y));
    return y;
  }

  inputGradient(dy: TensorInfo, filter: TensorInfo, call: ConvolutionCall): TensorInfo {
    const info = convolutionInfo({ ...call, isDepthwise: true });
    const dx = this.zeros(info.inShape);
    if (hasNone(dx, filter, dy)) return dx;
    const geometry = this.table.write(info);
    this.kernels.addDepthwiseInputGradient(geometry, ...this.addresses(dx, filter, dy));
    return dx;
  }

  filterGradient(x: TensorInfo, dy: TensorInfo, call: ConvolutionCall): TensorInfo {
    const info = convolutionInfo({ ...call, isDepthwise: true });
    const dFilter = this.zeros(info.filterShape);
    if (hasNone(x, dFilter, dy)) return dFilter;
    const geometry = this.table.write(info);
    this.kernels.addDepthwiseFilterGradient(geometry, ...this.addresses(x, dFilter, dy));
    return dFilter;
  }

  private zeros(shape: number[]): TensorInfo {
    const out = this.heap.output(shape);
    this.heap.floats(out).fill(0);
    return out;
  }

  private addresses(a: TensorInfo, b: TensorInfo, c: TensorInfo): [number, number, number] {
    return [this.heap.address(a), this.heap.address(b), this.heap.address(c)];
  }
}

function hasNone(...tensors: TensorInfo[]): boolean {
  return tensors.some(({ shape }) => util.sizeFromShape(shape) === 0);
}
