import { backend_util, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import { numbersNamed } from '../kernel-call';

/**
 * The gradient of the volume of a three-dimensional convolution, which tfjs has wrong on wasm. In plain loops: each entry of
 * `dy` times each entry of the filter, added from 0 in ascending order of places, then of the filter's entries.
 *
 * @param attrs `inputShape`, [batch, depth, height, width, channels], and `strides` and `pad` as in tfjs.
 * @returns The gradient; it belongs to the caller.
 */
export function volumeGradient(
  heap: Heap,
  { dy, filter, attrs }: { dy: TensorInfo; filter: TensorInfo; attrs: NamedAttrMap | undefined },
): TensorInfo {
  const info = backend_util.computeConv3DInfo(
    fiveOf(numbersNamed(attrs, 'inputShape')),
    fiveOf(filter.shape),
    threeOf(numbersNamed(attrs, 'strides')),
    1,
    attrs?.['pad'] === 'same' ? 'same' : 'valid',
  );
  const out = heap.output(info.inShape);
  const [dx, gradient, weights] = [heap.floats(out), heap.floats(dy), heap.floats(filter)];
  dx.fill(0);
  let place = 0;
  for (const corner of corners(info)) {
    for (const tap of tapsAt(info, corner)) {
      addTap(dx, {
        gradient,
        weights,
        place,
        ...tap,
        inputs: info.inChannels,
        outputs: info.outChannels,
      });
    }
    place += info.outChannels;
  }
  return out;
}

type VolumeInfo = backend_util.Conv3DInfo;

/** Where the filter lies over the volume for one place of the result. */
interface Corner {
  readonly batch: number;
  readonly z: number;
  readonly y: number;
  readonly x: number;
}

/** Places of the result in ascending order. */
function* corners(info: VolumeInfo): Generator<Corner> {
  const { front, top, left } = info.padInfo;
  for (let batch = 0; batch < info.batchSize; batch++) {
    for (let z = 0; z < info.outDepth; z++) {
      for (let y = 0; y < info.outHeight; y++) {
        for (let x = 0; x < info.outWidth; x++) {
          yield {
            batch,
            z: z * info.strideDepth - front,
            y: y * info.strideHeight - top,
            x: x * info.strideWidth - left,
          };
        }
      }
    }
  }
}

/** First entries, in the volume and in the filter, of the filter's places inside the volume. */
function* tapsAt(
  info: VolumeInfo,
  { batch, z, y, x }: Corner,
): Generator<{ entry: number; weight: number }> {
  const { inDepth, inHeight, inWidth, inChannels, outChannels } = info;
  for (let k = 0; k < info.filterDepth; k++) {
    for (let i = 0; i < info.filterHeight; i++) {
      for (let j = 0; j < info.filterWidth; j++) {
        const isInside =
          isWithin(z + k, inDepth) && isWithin(y + i, inHeight) && isWithin(x + j, inWidth);
        if (!isInside) continue;
        const line = (batch * inDepth + z + k) * inHeight + y + i;
        const tap = (k * info.filterHeight + i) * info.filterWidth + j;
        yield {
          entry: (line * inWidth + x + j) * inChannels,
          weight: tap * inChannels * outChannels,
        };
      }
    }
  }
}

interface Tap {
  readonly gradient: Float32Array;
  readonly weights: Float32Array;
  readonly place: number;
  readonly entry: number;
  readonly weight: number;
  readonly inputs: number;
  readonly outputs: number;
}

function addTap(dx: Float32Array, tap: Tap): void {
  const { gradient, weights, place, entry, weight, inputs, outputs } = tap;
  for (let c = 0; c < inputs; c++) {
    let sum = dx[entry + c] ?? 0;
    for (let o = 0; o < outputs; o++) {
      const product = Math.fround(
        (gradient[place + o] ?? 0) * (weights[weight + c * outputs + o] ?? 0),
      );
      sum = Math.fround(sum + product);
    }
    dx[entry + c] = sum;
  }
}

function isWithin(index: number, extent: number): boolean {
  return index >= 0 && index < extent;
}

function fiveOf(shape: readonly number[]): [number, number, number, number, number] {
  const [a = 1, b = 1, c = 1, d = 1, e = 1] = shape;
  return [a, b, c, d, e];
}

function threeOf(values: readonly number[]): [number, number, number] {
  const [a = 1, b = a, c = a] = values;
  return [a, b, c];
}
