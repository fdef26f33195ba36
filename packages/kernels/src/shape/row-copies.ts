import { backend_util, slice_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../heap/wasm-backend';

/** A run of neighbouring entries to copy from one tensor to another. */
interface EntryRun {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/**
 * Slices, splits and row gathers that are runs of neighbouring float32 entries, copied within the heap of tfjs's wasm
 * backend. tfjs itself copies the whole input out of the heap for every slice, and gathers entry by entry. Each method
 * gives undefined where the request is of another kind, for tfjs's own kernel to serve.
 */
export class RowCopies {
  constructor(readonly backend: WasmBackend) {}

  /** As `tf.slice`: `begin` and `size` count along each dimension, a size of −1 takes the rest. */
  slice(x: TensorInfo, begin: number | number[], size: number | number[]): TensorInfo | undefined {
    const [starts = [], extents = []] = slice_util.parseSliceParams(x, begin, size);
    if (x.dtype !== 'float32' || !slice_util.isSliceContinous(x.shape, starts, extents))
      return undefined;
    const from = slice_util.computeFlatOffset(starts, util.computeStrides(x.shape));
    return this.copy(x, extents, [{ from, to: 0, count: util.sizeFromShape(extents) }]);
  }

  /** As `tf.split`, along the outermost dimension that is longer than 1. */
  split(x: TensorInfo, sizes: number | number[], axis: number): TensorInfo[] | undefined {
    const [along = 0] = util.parseAxisParam(axis, x.shape);
    if (x.dtype !== 'float32' || util.sizeFromShape(x.shape.slice(0, along)) !== 1)
      return undefined;
    const inner = util.sizeFromShape(x.shape.slice(along + 1));
    let from = 0;
    return backend_util.prepareSplitSize(x, sizes, along).map((extent) => {
      const count = extent * inner;
      const part = this.copy(x, x.shape.with(along, extent), [{ from, to: 0, count }]);
      from += count;
      return part;
    });
  }

  /** As `tf.gather` along the first dimension without batch dimensions. */
  gather(x: TensorInfo, indices: TensorInfo): TensorInfo | undefined {
    const [rows = 0, ...rowShape] = x.shape;
    if (x.dtype !== 'float32' || indices.dtype !== 'int32') return undefined;
    const wanted = new Int32Array(
      this.backend.wasm.asm.memory.buffer,
      this.backend.getMemoryOffset(indices.dataId),
      util.sizeFromShape(indices.shape),
    );
    if (wanted.some((row) => row < 0 || row >= rows)) return undefined;
    const count = util.sizeFromShape(rowShape);
    const runs = Array.from(wanted, (row, place) => ({
      from: row * count,
      to: place * count,
      count,
    }));
    return this.copy(x, [...indices.shape, ...rowShape], runs);
  }

  private copy(x: TensorInfo, shape: number[], runs: readonly EntryRun[]): TensorInfo {
    const out = this.backend.makeOutput(shape, 'float32');
    if (util.sizeFromShape(shape) === 0) return out;
    // Taken after the allocation, which may have made the heap grow.
    const heap = new Float32Array(this.backend.wasm.asm.memory.buffer);
    const source = this.backend.getMemoryOffset(x.dataId) / Float32Array.BYTES_PER_ELEMENT;
    const target = this.backend.getMemoryOffset(out.dataId) / Float32Array.BYTES_PER_ELEMENT;
    for (const { from, to, count } of runs) {
      heap.copyWithin(target + to, source + from, source + from + count);
    }
    return out;
  }
}
