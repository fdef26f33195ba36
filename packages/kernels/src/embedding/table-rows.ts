import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import { wordType } from '../shape/tensor-copies';

const ENTRY_BYTES = 4;

/** Rows of tables in the heap of tfjs's wasm backend, read by index and added up by index. */
export class TableRows {
  private readonly kernels;

  constructor(private readonly heap: Heap) {
    this.kernels = heap.functions('addRowsById', 'gatherRows');
  }

  /**
   * As `tf.gather` of float32 and int32 tensors by int32 indices. Undefined for other types, and where an index is out of
   * range, which tfjs reports.
   */
  gather(
    x: TensorInfo,
    indices: TensorInfo,
    { axis, batchDims }: { axis: number; batchDims: number },
  ): TensorInfo | undefined {
    const dtype = wordType(x);
    if (dtype === undefined || indices.dtype !== 'int32') return undefined;
    const [along = 0] = util.parseAxisParam(axis, x.shape);
    const rows = x.shape[along] ?? 0;
    if (this.heap.integers(indices).some((row) => row < 0 || row >= rows)) return undefined;
    const info = backend_util.segment_util.collectGatherOpShapeInfo(x, indices, along, batchDims);
    const out = this.heap.output(info.outputShape, dtype);
    const count = util.sizeFromShape(indices.shape) / info.batchSize;
    if (util.sizeFromShape(out.shape) === 0) return out;
    const { outerSize, sliceSize } = info;
    const [table, target] = [this.heap.address(x), this.heap.address(out)];
    for (let part = 0; part < info.batchSize * outerSize; part++) {
      const batch = Math.floor(part / outerSize);
      this.kernels.gatherRows(
        count,
        sliceSize,
        this.heap.address(indices) + ENTRY_BYTES * batch * count,
        table + ENTRY_BYTES * part * rows * sliceSize,
        target + ENTRY_BYTES * part * count * sliceSize,
      );
    }
    return out;
  }

  /**
   * As `tf.unsortedSegmentSum`, of a float32 tensor: the rows of each segment are added in ascending order, from 0. Rows
   * of a segment that is negative or too large are left out. int32 sums wrap around at 32 bits.
   *
   * @throws {TypeError} If the types are others.
   */
  sumBySegment(x: TensorInfo, segmentIds: TensorInfo, segments: number): TensorInfo {
    const dtype = wordType(x);
    if (dtype === undefined || segmentIds.dtype !== 'int32') {
      throw new TypeError(
        `Cannot sum by segment: x must be float32 or int32 and the segments int32: current types are ${x.dtype} and ${segmentIds.dtype}`,
      );
    }
    const shape = [segments, ...x.shape.slice(segmentIds.shape.length)];
    const count = util.sizeFromShape(segmentIds.shape);
    const width = util.sizeFromShape(shape.slice(1));
    const out = this.heap.output(shape, dtype);
    if (util.sizeFromShape(shape) === 0) return out;
    if (dtype === 'int32') {
      this.addIntegers(x, { segmentIds, width, out });
    } else {
      const addresses = [
        this.heap.address(segmentIds),
        this.heap.address(x),
        this.heap.address(out),
      ];
      const [ids = 0, rows = 0, sums = 0] = addresses;
      this.kernels.addRowsById(count, width, ids, segments, rows, sums);
    }
    return out;
  }

  private addIntegers(
    x: TensorInfo,
    { segmentIds, width, out }: { segmentIds: TensorInfo; width: number; out: TensorInfo },
  ): void {
    const [rows, sums] = [this.heap.integers(x), this.heap.integers(out)];
    sums.fill(0);
    this.heap.integers(segmentIds).forEach((segment, row) => {
      if (segment < 0 || segment * width >= sums.length) return;
      for (let entry = 0; entry < width; entry++) {
        const place = segment * width + entry;
        sums[place] = (sums[place] ?? 0) + (rows[row * width + entry] ?? 0);
      }
    });
  }
}
