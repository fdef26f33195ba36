import { util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';

/** One axis of a copy: how many entries it has, and how many entries apart they lie on either side. */
export interface CopyAxis {
  readonly extent: number;
  readonly from: number;
  readonly to: number;
}

/** A copy of entries of four bytes: where it starts on either side (addresses), and its axes, outermost first. */
export interface ViewCopy {
  readonly axes: readonly CopyAxis[];
  readonly from: number;
  readonly to: number;
}

const ENTRIES_PER_AXIS = 3;
/** Far more axes than tfjs has. */
const MOST_AXES = 64;

/** Copies between views of tensors on the heap. */
export class ViewCopier {
  private readonly kernels;
  /** Address of the axes of the copy at hand. */
  private readonly table: number;

  /** @throws {RangeError} If the heap is full. */
  constructor(private readonly heap: Heap) {
    this.kernels = heap.functions('copyView');
    this.table = heap.reserve(MOST_AXES * ENTRIES_PER_AXIS * Int32Array.BYTES_PER_ELEMENT);
  }

  /** Both sides must not overlap. */
  copy({ axes, from, to }: ViewCopy): void {
    if (axes.some(({ extent }) => extent === 0)) return;
    const plan = fastestLast(mergeAxes(axes));
    const numbers = plan.flatMap((axis) => [axis.extent, axis.from, axis.to]);
    new Int32Array(this.heap.buffer, this.table, numbers.length).set(numbers);
    this.kernels.copyView(plan.length, this.table, from, to);
  }
}

/** The axes of a copy of `extents`, from and to tensors of these shapes. */
export function axesBetween(
  extents: readonly number[],
  sides: { from: readonly number[]; to: readonly number[] },
): CopyAxis[] {
  const [from, to] = [stridesOf(sides.from), stridesOf(sides.to)];
  return extents.map((extent, axis) => ({ extent, from: from[axis] ?? 0, to: to[axis] ?? 0 }));
}

/** Entries from one to the next along each axis of a tensor of that shape. */
export function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => util.sizeFromShape(shape.slice(axis + 1)));
}

/** The same copy with the fewest axes: without those of one entry, and neighbours that run on as one. */
function mergeAxes(axes: readonly CopyAxis[]): CopyAxis[] {
  const merged: CopyAxis[] = [];
  for (const axis of axes) {
    if (axis.extent === 1) continue;
    const { extent, from, to } = axis;
    const outer = merged.at(-1);
    if (outer?.from === extent * from && outer.to === extent * to) {
      merged[merged.length - 1] = { extent: outer.extent * extent, from, to };
    } else {
      merged.push(axis);
    }
  }
  return merged;
}

/** Puts the axis along which reading runs on before the last one, along which writing does, if they are not the same. */
function fastestLast(axes: CopyAxis[]): CopyAxis[] {
  if (axes.at(-1)?.from === 1) return axes;
  const reading = axes.findIndex(({ from }) => from === 1);
  const last = axes.at(-1);
  const axis = axes[reading];
  if (last === undefined || axis === undefined) return axes;
  return [...axes.toSpliced(reading, 1).slice(0, -1), axis, last];
}
