import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';

/** What is made of the entries along an axis. */
export type ReductionKind = 'sum' | 'mean' | 'product' | 'maximum' | 'minimum';

/**
 * Reductions of float32 tensors along any axes, in place on the heap of tfjs's wasm backend.
 *
 * The order of the additions is fixed. Runs of neighbouring axes are reduced one after the other, the innermost run
 * first. A run that ends with the last axis goes through sixteen lanes, any other in ascending order: `assembly/reductions.ts`
 * has the definition. A mean is the sum, divided once by the number of entries.
 */
export class Reduction {
  private readonly divide;
  private readonly kernels;

  constructor(private readonly heap: Heap) {
    const compiled = heap.functions(
      'divideInPlace',
      'maximumAxis',
      'minimumAxis',
      'multiplyAxis',
      'sumAxis',
    );
    this.divide = compiled.divideInPlace;
    this.kernels = {
      sum: compiled.sumAxis,
      mean: compiled.sumAxis,
      product: compiled.multiplyAxis,
      maximum: compiled.maximumAxis,
      minimum: compiled.minimumAxis,
    };
  }

  /** `axes` count from 0. Undefined, for tfjs to serve, of other types than float32 and where there is no axis. */
  reduce(
    kind: ReductionKind,
    x: TensorInfo,
    { axes, keepDims }: { axes: number[]; keepDims: boolean },
  ): TensorInfo | undefined {
    if (x.dtype !== 'float32' || axes.length === 0) return undefined;
    const [kept, reduced] = backend_util.computeOutAndReduceShapes(x.shape, axes);
    const shape = keepDims ? backend_util.expandShapeToKeepDim(kept, axes) : kept;
    let current = x;
    for (const run of axisRuns(x.shape, axes)) {
      const next = this.heap.output([run.outer * run.inner]);
      this.reduceRun(kind, current, { ...run, out: next });
      if (current !== x) this.heap.free(current);
      current = next;
    }
    const out = { ...current, shape };
    if (kind === 'mean') {
      this.divide(util.sizeFromShape(kept), this.heap.address(out), util.sizeFromShape(reduced));
    }
    return out;
  }

  private reduceRun(kind: ReductionKind, x: TensorInfo, run: AxisRun & { out: TensorInfo }): void {
    if (util.sizeFromShape(run.out.shape) === 0) return;
    const [from, to] = [this.heap.address(x), this.heap.address(run.out)];
    this.kernels[kind](run.outer, run.length, run.inner, from, to);
  }
}

/** Neighbouring axes to reduce as one, of a tensor [outer, length, inner]. */
interface AxisRun {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

/** The runs in the order in which they are reduced, the innermost first; axes of one entry join a neighbour. */
function axisRuns(shape: readonly number[], axes: readonly number[]): AxisRun[] {
  const wanted = new Set(axes);
  const runs: AxisRun[] = [];
  let inner = 1;
  let end = shape.length;
  while (end > 0) {
    let begin = end;
    while (begin > 0 && (wanted.has(begin - 1) || (begin < end && shape[begin - 1] === 1))) begin--;
    if (begin === end) {
      inner *= shape[end - 1] ?? 1;
      end--;
    } else {
      const length = util.sizeFromShape(shape.slice(begin, end));
      runs.push({ outer: util.sizeFromShape(shape.slice(0, begin)), length, inner });
      end = begin;
    }
  }
  return runs;
}
