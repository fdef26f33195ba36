import { type NamedAttrMap, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import { type ConvolutionInfo, type GeometryTable, poolingInfo } from './geometry';

type Attributes = NamedAttrMap | undefined;

/**
 * Maxima and means over windows of float32 images [batch, height, width, channels] and their gradients, in place on the heap
 * of tfjs's wasm backend; `assembly/convolution-pooling.ts` says in which order they add. Results belong to the caller.
 */
export class Pooling {
  private readonly kernels;

  constructor(
    private readonly heap: Heap,
    private readonly table: GeometryTable,
  ) {
    this.kernels = heap.functions(
      'addMaximumGradient',
      'addMeanGradient',
      'poolMaximum',
      'poolMean',
    );
  }

  maximum(x: TensorInfo, attrs: Attributes): TensorInfo {
    const info = poolingInfo(x.shape, attrs);
    if (isIdentity(info)) return this.heap.share(x, x.shape);
    const y = this.heap.output(info.outShape);
    if (util.sizeFromShape(y.shape) === 0) return y;
    this.kernels.poolMaximum(this.table.write(info), this.heap.address(x), this.heap.address(y));
    return y;
  }

  mean(x: TensorInfo, attrs: Attributes): TensorInfo {
    const info = poolingInfo(x.shape, attrs);
    if (isIdentity(info)) return this.heap.share(x, x.shape);
    const y = this.heap.output(info.outShape);
    if (util.sizeFromShape(y.shape) === 0) return y;
    this.kernels.poolMean(this.table.write(info), this.heap.address(x), this.heap.address(y));
    return y;
  }

  maximumGradient(dy: TensorInfo, x: TensorInfo, attrs: Attributes): TensorInfo {
    const info = poolingInfo(x.shape, attrs);
    const dx = this.zeros(x.shape);
    if (util.sizeFromShape(dx.shape) === 0) return dx;
    const geometry = this.table.write(info);
    this.kernels.addMaximumGradient(
      geometry,
      this.heap.address(x),
      this.heap.address(dy),
      this.heap.address(dx),
    );
    return dx;
  }

  /** As tfjs has it: each entry of a window gets one part in the window's size, also where the window reaches outside. */
  meanGradient(dy: TensorInfo, x: TensorInfo, attrs: Attributes): TensorInfo {
    const info = poolingInfo(x.shape, attrs);
    const dx = this.zeros(x.shape);
    if (util.sizeFromShape(dx.shape) === 0) return dx;
    const share = 1 / (info.filterHeight * info.filterWidth);
    const geometry = this.table.write(info);
    this.kernels.addMeanGradient(geometry, share, this.heap.address(dy), this.heap.address(dx));
    return dx;
  }

  private zeros(shape: number[]): TensorInfo {
    const out = this.heap.output(shape);
    this.heap.floats(out).fill(0);
    return out;
  }
}

/** As in tfjs: windows of one entry, as many as there are entries, are the image itself, whatever stride and padding. */
function isIdentity({ filterHeight, filterWidth, inShape, outShape }: ConvolutionInfo): boolean {
  return filterHeight === 1 && filterWidth === 1 && util.arraysEqual(inShape, outShape);
}
