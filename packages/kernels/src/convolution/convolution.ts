import { type NamedAttrMap, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import { type ConvolutionInfo, convolutionInfo, type GeometryTable } from './geometry';

const ENTRY_BYTES = 4;

/** What a convolution is of. */
export interface ConvolutionCall {
  /** Shape of the image, [batch, height, width, in]. */
  readonly image: readonly number[];
  /** Shape of the filter, [height, width, in, out]. */
  readonly filter: readonly number[];
  /** tfjs's attributes: strides, padding and so on. */
  readonly attrs: NamedAttrMap | undefined;
}

/** Addresses of working memory: a block of patches, and what the matrix product asks for. */
interface WorkingMemory {
  readonly patches: number;
  readonly scratch: number;
}

/**
 * Convolutions in two dimensions of float32 images [batch, height, width, channels] and their gradients, as matrix products
 * in place on the heap of tfjs's wasm backend: `assembly/convolution.ts` says in which order they add.
 */
export class Convolution {
  private readonly kernels;

  constructor(
    private readonly heap: Heap,
    private readonly table: GeometryTable,
  ) {
    this.kernels = heap.functions(
      'convolutionFilterGradient',
      'convolutionInputGradient',
      'convolve',
      'patchBytes',
      'scratchBytes',
    );
  }

  /** The convolution of `x`; it belongs to the caller. */
  convolve(x: TensorInfo, filter: TensorInfo, call: ConvolutionCall): TensorInfo {
    const info = convolutionInfo(call);
    const y = this.heap.output(info.outShape);
    if (util.sizeFromShape(y.shape) === 0) return y;
    const [image, weights, to] = this.addresses(x, filter, y);
    this.withMemory(info, (geometry, { patches, scratch }) => {
      this.kernels.convolve(geometry, image, weights, to, patches, scratch);
    });
    return y;
  }

  /** The gradient of the image; it belongs to the caller. Undefined if `dy` has another shape than the convolution. */
  inputGradient(dy: TensorInfo, filter: TensorInfo, call: ConvolutionCall): TensorInfo | undefined {
    const info = convolutionInfo(call);
    if (!util.arraysEqual(dy.shape, info.outShape)) return undefined;
    const dx = this.heap.output(info.inShape);
    if (util.sizeFromShape(dx.shape) === 0) return dx;
    const [gradient, weights, to] = this.addresses(dy, filter, dx);
    this.withMemory(info, (geometry, { patches, scratch }) => {
      this.kernels.convolutionInputGradient(geometry, gradient, weights, to, patches, scratch);
    });
    return dx;
  }

  /** The gradient of the filter; it belongs to the caller. Undefined if `dy` has another shape than the convolution. */
  filterGradient(x: TensorInfo, dy: TensorInfo, call: ConvolutionCall): TensorInfo | undefined {
    const info = convolutionInfo(call);
    if (!util.arraysEqual(dy.shape, info.outShape)) return undefined;
    const dFilter = this.heap.output(info.filterShape);
    const entries = util.sizeFromShape(info.filterShape);
    if (entries === 0) return dFilter;
    this.heap.floats(dFilter).fill(0);
    const [image, gradient, to] = this.addresses(x, dy, dFilter);
    this.withMemory(info, (geometry, { patches, scratch }) => {
      this.heap.withMemory(entries * ENTRY_BYTES, (partial) => {
        this.kernels.convolutionFilterGradient(
          geometry, image, gradient, to, partial, patches, scratch,
        ); // prettier-ignore
      });
    });
    return dFilter;
  }

  private addresses(a: TensorInfo, b: TensorInfo, c: TensorInfo): [number, number, number] {
    return [this.heap.address(a), this.heap.address(b), this.heap.address(c)];
  }

  private withMemory(
    info: ConvolutionInfo,
    work: (geometry: number, memory: WorkingMemory) => void,
  ): void {
    const geometry = this.table.write(info);
    const patchBytes = this.kernels.patchBytes(geometry);
    this.heap.withMemory(this.kernels.scratchBytes(), (scratch) => {
      this.heap.withMemory(patchBytes, (patches) => work(geometry, { patches, scratch }));
    });
  }
}
