import { backend_util, slice_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import { axesBetween, type CopyAxis, stridesOf, ViewCopier } from './view-copy';

const ENTRY_BYTES = 4;

/**
 * Tensors made of entries of others, moved within the heap of tfjs's wasm backend: tfjs itself copies whole tensors out
 * of it for many of these. Each method gives undefined where the tensors are not float32 or int32, for tfjs to serve.
 */
export class TensorCopies {
  private readonly copier: ViewCopier;

  /** @throws {RangeError} If the heap is full. */
  constructor(private readonly heap: Heap) {
    this.copier = new ViewCopier(heap);
  }

  /** As `tf.slice`: `begin` and `size` count along each axis; a size of −1, or none, takes the rest. */
  slice(x: TensorInfo, begin: number | number[], size?: number | number[]): TensorInfo | undefined {
    const dtype = wordType(x);
    if (dtype === undefined) return undefined;
    const [starts = [], extents = []] = slice_util.parseSliceParams(x, begin, size);
    slice_util.assertParamsValid(x, starts, extents);
    const out = this.heap.output(extents, dtype);
    this.copy(x, out, { axes: axesBetween(extents, { from: x.shape, to: extents }), from: starts });
    return out;
  }

  /** As `tf.stridedSlice`, once its masks are worked out: every `strides[axis]`-th entry from `begin[axis]` on. */
  stridedSlice(
    x: TensorInfo,
    slice: { begin: number[]; strides: number[]; extents: number[]; shape: number[] },
  ): TensorInfo | undefined {
    const dtype = wordType(x);
    if (dtype === undefined) return undefined;
    const out = this.heap.output(slice.shape, dtype);
    const axes = axesBetween(slice.extents, { from: x.shape, to: slice.extents }).map(
      (axis, index) => ({ ...axis, from: axis.from * (slice.strides[index] ?? 1) }),
    );
    this.copy(x, out, { axes, from: slice.begin });
    return out;
  }

  /** As `tf.split`. */
  split(x: TensorInfo, sizes: number | number[], axis: number): TensorInfo[] | undefined {
    const [along = 0] = util.parseAxisParam(axis, x.shape);
    return this.cut(x, along, backend_util.prepareSplitSize(x, sizes, along));
  }

  /** As `tf.unstack`: parts of one entry along the axis, which they lack. */
  unstack(x: TensorInfo, axis: number): TensorInfo[] | undefined {
    const [along = 0] = util.parseAxisParam(axis, x.shape);
    const parts = this.cut(x, along, new Array<number>(x.shape[along] ?? 0).fill(1));
    return parts?.map((part) => ({ ...part, shape: part.shape.toSpliced(along, 1) }));
  }

  /** As `tf.concat`. */
  concat(parts: readonly TensorInfo[], axis: number): TensorInfo | undefined {
    const [first] = parts;
    if (first === undefined) return undefined;
    const dtype = wordType(first);
    if (dtype === undefined || parts.some((part) => part.dtype !== dtype)) return undefined;
    const [along = 0] = util.parseAxisParam(axis, first.shape);
    const shapes = parts.map(({ shape }) => shape);
    backend_util.assertParamsConsistent(shapes, along);
    const out = this.heap.output(backend_util.computeOutShape(shapes, along), dtype);
    let start = 0;
    for (const part of parts) {
      const axes = axesBetween(part.shape, { from: part.shape, to: out.shape });
      this.copy(part, out, { axes, to: unit(out.shape, along, start) });
      start += part.shape[along] ?? 0;
    }
    return out;
  }

  /** As `tf.stack`. */
  stack(parts: readonly TensorInfo[], axis: number): TensorInfo | undefined {
    const [first] = parts;
    if (first === undefined) return undefined;
    for (const { shape, dtype } of parts) {
      util.assertShapesMatch(first.shape, shape, 'Cannot stack tensors of several shapes: ');
      if (dtype !== first.dtype) return undefined;
    }
    const [along = 0] = util.parseAxisParam(axis, [1, ...first.shape]);
    return this.concat(
      parts.map((part) => ({ ...part, shape: part.shape.toSpliced(along, 0, 1) })),
      along,
    );
  }

  /** As `tf.tile`. */
  tile(x: TensorInfo, repetitions: readonly number[]): TensorInfo | undefined {
    const dtype = wordType(x);
    if (dtype === undefined) return undefined;
    const shape = x.shape.map((extent, axis) => extent * (repetitions[axis] ?? 1));
    const out = this.heap.output(shape, dtype);
    const [from, to] = [stridesOf(x.shape), stridesOf(shape)];
    const axes = x.shape.flatMap((extent, axis): CopyAxis[] => [
      { extent: repetitions[axis] ?? 1, from: 0, to: extent * (to[axis] ?? 0) },
      { extent, from: from[axis] ?? 0, to: to[axis] ?? 0 },
    ]);
    this.copy(x, out, { axes });
    return out;
  }

  /** As `tf.transpose`: axis `i` of the result is axis `permutation[i]` of `x`. */
  transpose(x: TensorInfo, permutation: readonly number[]): TensorInfo | undefined {
    const shape = permutation.map((axis) => x.shape[axis] ?? 1);
    const long = permutation.filter((axis) => x.shape[axis] !== 1);
    const isInOrder = long.every((axis, index) => index === 0 || (long[index - 1] ?? 0) < axis);
    if (isInOrder || util.sizeFromShape(shape) === 0) return this.heap.share(x, shape);
    const dtype = wordType(x);
    if (dtype === undefined) return undefined;
    const out = this.heap.output(shape, dtype);
    const [from, to] = [stridesOf(x.shape), stridesOf(shape)];
    const axes = permutation.map((axis, index) => ({
      extent: shape[index] ?? 1,
      from: from[axis] ?? 0,
      to: to[index] ?? 0,
    }));
    this.copy(x, out, { axes });
    return out;
  }

  /** As `tf.reverse` along those axes, which count from 0. */
  reverse(x: TensorInfo, axes: readonly number[]): TensorInfo | undefined {
    const dtype = wordType(x);
    if (dtype === undefined || x.shape.length === 0) return undefined;
    const along = new Set(axes);
    const out = this.heap.output(x.shape, dtype);
    const reversed = axesBetween(x.shape, { from: x.shape, to: x.shape }).map((axis, index) =>
      along.has(index) ? { ...axis, from: -axis.from } : axis,
    );
    this.copy(x, out, {
      axes: reversed,
      from: x.shape.map((extent, axis) => (along.has(axis) ? extent - 1 : 0)),
    });
    return out;
  }

  /** As `tf.pad`: `paddings` counts the new entries before and after along each axis, which are `value`. */
  pad(
    x: TensorInfo,
    paddings: readonly (readonly [number, number])[],
    value: number,
  ): TensorInfo | undefined {
    const dtype = wordType(x);
    if (dtype === undefined) return undefined;
    const shape = x.shape.map((extent, axis) => {
      const [before, after] = paddings[axis] ?? [0, 0];
      return before + extent + after;
    });
    const out = this.heap.output(shape, dtype);
    this.heap.entries(out).fill(value);
    const axes = axesBetween(x.shape, { from: x.shape, to: shape });
    this.copy(x, out, { axes, to: paddings.map(([before]) => before) });
    return out;
  }

  private cut(x: TensorInfo, along: number, extents: readonly number[]): TensorInfo[] | undefined {
    const dtype = wordType(x);
    if (dtype === undefined) return undefined;
    let start = 0;
    return extents.map((extent) => {
      const part = this.heap.output(x.shape.with(along, extent), dtype);
      const axes = axesBetween(part.shape, { from: x.shape, to: part.shape });
      this.copy(x, part, { axes, from: unit(x.shape, along, start) });
      start += extent;
      return part;
    });
  }

  /** `from` and `to` are where the copy starts in either tensor; by default at its first entry. */
  private copy(
    source: TensorInfo,
    target: TensorInfo,
    copy: { axes: readonly CopyAxis[]; from?: readonly number[]; to?: readonly number[] },
  ): void {
    this.copier.copy({
      axes: copy.axes,
      from: this.heap.address(source) + ENTRY_BYTES * flatIndex(source.shape, copy.from),
      to: this.heap.address(target) + ENTRY_BYTES * flatIndex(target.shape, copy.to),
    });
  }
}

/** The type of tensors whose entries are of four bytes; undefined for others. */
export function wordType({ dtype }: TensorInfo): 'float32' | 'int32' | undefined {
  return dtype === 'float32' || dtype === 'int32' ? dtype : undefined;
}

/** The place `start` along one axis and 0 along the others. */
function unit(shape: readonly number[], axis: number, start: number): number[] {
  return shape.map((_, index) => (index === axis ? start : 0));
}

function flatIndex(shape: readonly number[], place: readonly number[] = []): number {
  return stridesOf(shape).reduce((sum, stride, axis) => sum + stride * (place[axis] ?? 0), 0);
}
