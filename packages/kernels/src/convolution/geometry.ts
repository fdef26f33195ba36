import { backend_util, type NamedAttrMap } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import { numbersNamed, pairsNamed } from '../kernel-call';

/** What tfjs works out of a convolution or pooling in two dimensions. */
export type ConvolutionInfo = backend_util.Conv2DInfo;

/** Shapes and attributes of a convolution of images [batch, height, width, channels]. */
export interface ConvolutionShape {
  readonly image: readonly number[];
  /** [height, width, in, out], or [height, width, in, multiplier] if depthwise. */
  readonly filter: readonly number[];
  readonly attrs: NamedAttrMap | undefined;
  readonly isDepthwise?: boolean;
}

const GEOMETRY_BYTES = 64;

/** Working memory with the sizes that the compiled kernels ask for. */
export class GeometryTable {
  private readonly address: number;

  /** @throws {RangeError} If the heap is full. */
  constructor(private readonly heap: Heap) {
    this.address = heap.reserve(GEOMETRY_BYTES);
  }

  /** Address of the sizes of `info`, until the next call. The images must be [batch, height, width, channels]. */
  write(info: ConvolutionInfo): number {
    const sizes = [
      info.batchSize, info.inHeight, info.inWidth, info.inChannels,
      info.outHeight, info.outWidth, info.outChannels,
      info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth,
      info.dilationHeight, info.dilationWidth, info.padInfo.top, info.padInfo.left,
    ]; // prettier-ignore
    new Int32Array(this.heap.buffer, this.address, sizes.length).set(sizes);
    return this.address;
  }
}

/** The sizes of a convolution that tfjs's attributes describe. */
export function convolutionInfo({
  image,
  filter,
  attrs,
  isDepthwise,
}: ConvolutionShape): ConvolutionInfo {
  return backend_util.computeConv2DInfo(
    fourOf(image),
    fourOf(filter),
    pairOf(attrs, 'strides'),
    pairOf(attrs, 'dilations'),
    paddingOf(attrs),
    roundingOf(attrs),
    isDepthwise ?? false,
  );
}

/** The sizes of a pooling that tfjs's attributes describe. */
export function poolingInfo(
  image: readonly number[],
  attrs: NamedAttrMap | undefined,
): ConvolutionInfo {
  return backend_util.computePool2DInfo(
    fourOf(image),
    pairOf(attrs, 'filterSize'),
    pairOf(attrs, 'strides'),
    [1, 1],
    paddingOf(attrs),
    roundingOf(attrs),
  );
}

function fourOf(shape: readonly number[]): [number, number, number, number] {
  const [first = 1, second = 1, third = 1, fourth = 1] = shape;
  return [first, second, third, fourth];
}

/** An attribute of one number for both dimensions or one for each; 1 where it is missing. */
function pairOf(attrs: NamedAttrMap | undefined, name: string): [number, number] {
  const [height = 1, width = height] = numbersNamed(attrs, name);
  return [height, width];
}

function paddingOf(
  attrs: NamedAttrMap | undefined,
): number | 'same' | 'valid' | backend_util.ExplicitPadding {
  const pad = attrs?.['pad'];
  if (pad === 'same') return 'same';
  if (pad === 'valid') return 'valid';
  if (!Array.isArray(pad)) return Number(pad);
  const pairs = pairsNamed(attrs, 'pad');
  const [first = [0, 0], second = [0, 0], third = [0, 0], fourth = [0, 0]] = pairs;
  return [first, second, third, fourth];
}

function roundingOf(attrs: NamedAttrMap | undefined): 'floor' | 'round' | 'ceil' | undefined {
  switch (attrs?.['dimRoundingMode']) {
    case 'floor':
      return 'floor';
    case 'round':
      return 'round';
    case 'ceil':
      return 'ceil';
    default:
      return undefined;
  }
}
