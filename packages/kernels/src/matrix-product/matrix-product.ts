import { broadcast_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';

/** Which operands of a product are to be read transposed in their last two dimensions. */
export interface Transposition {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/**
 * Batched matrix product of float32 tensors in place on the memory of tfjs's wasm backend, for all four transposes
 * and with broadcast batch dimensions. Each entry is summed over k in ascending order without fused multiply-add.
 */
export class MatrixProduct {
  private readonly kernels;
  /** Address of the working memory. */
  private readonly scratch: number;

  /**
   * @param heap Where the tensors and 17 KiB of working memory lie.
   * @throws {RangeError} If it is full.
   */
  constructor(private readonly heap: Heap) {
    this.kernels = heap.functions('multiply', 'scratchBytes');
    this.scratch = heap.reserve(this.kernels.scratchBytes());
  }

  /**
   * @param a [..., m, k], or [..., k, m] when transposed.
   * @param b [..., k, n], or [..., n, k] when transposed; the leading dimensions of both broadcast.
   * @returns [..., m, n]; it belongs to the caller.
   * @throws {TypeError} If an operand is not float32.
   * @throws {RangeError} If the inner dimensions differ or the heap is full.
   */
  multiply(a: TensorInfo, b: TensorInfo, options: Transposition): TensorInfo {
    requireFloat(a);
    requireFloat(b);
    const left = operand(a, options.transposeA);
    const right = operand(b, !options.transposeB);
    if (left.inner !== right.inner) {
      throw new RangeError(
        `Cannot multiply [${a.shape}] by [${b.shape}] (transposeA=${options.transposeA}, transposeB=` +
          `${options.transposeB}): inner dimensions must be equal: they are ${left.inner} and ${right.inner}`,
      );
    }
    const batchShape = broadcast_util.assertAndGetBroadcastShape(left.batchShape, right.batchShape);
    const out = this.heap.output([...batchShape, left.outer, right.outer]);
    if (util.sizeFromShape(out.shape) > 0) this.fill(out, { a, b, left, right, batchShape });
    return out;
  }

  private fill(out: TensorInfo, product: Product): void {
    const { a, b, left, right, batchShape } = product;
    const [startA, startB, startC] = [
      this.heap.address(a),
      this.heap.address(b),
      this.heap.address(out),
    ];
    for (const run of batchRuns(batchShape, left.batchShape, right.batchShape)) {
      this.kernels.multiply(
        run.count, left.outer, right.outer, left.inner,
        startA + run.a * left.size * 4, run.stepA * left.size, left.outerStride, left.innerStride,
        startB + run.b * right.size * 4, run.stepB * right.size, right.innerStride, right.outerStride,
        startC + run.c * left.outer * right.outer * 4, this.scratch,
      ); // prettier-ignore
    }
  }
}

interface Operand {
  readonly batchShape: number[];
  readonly outer: number;
  readonly inner: number;
  readonly outerStride: number;
  readonly innerStride: number;
  /** Elements of one matrix. */
  readonly size: number;
}

interface Product {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
  readonly left: Operand;
  readonly right: Operand;
  readonly batchShape: number[];
}

/** `isInnerFirst`: whether the summed dimension is the last but one. */
function operand(tensor: TensorInfo, isInnerFirst: boolean): Operand {
  const { shape } = tensor;
  const [rows, columns] = [shape.at(-2), shape.at(-1)];
  if (rows === undefined || columns === undefined) {
    throw new RangeError(
      `Cannot multiply a tensor of shape [${shape}]: it must have two dimensions or more`,
    );
  }
  return {
    batchShape: shape.slice(0, -2),
    outer: isInnerFirst ? columns : rows,
    inner: isInnerFirst ? rows : columns,
    outerStride: isInnerFirst ? 1 : columns,
    innerStride: isInnerFirst ? columns : 1,
    size: rows * columns,
  };
}

/** A row of matrices that the kernel multiplies in one call: starts and steps count matrices. */
interface BatchRun {
  readonly count: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly stepA: number;
  readonly stepB: number;
}

function batchRuns(shape: number[], shapeA: number[], shapeB: number[]): BatchRun[] {
  const count = util.sizeFromShape(shape);
  const [countA, countB] = [util.sizeFromShape(shapeA), util.sizeFromShape(shapeB)];
  if ((countA === count || countA === 1) && (countB === count || countB === 1)) {
    return [{ count, a: 0, b: 0, c: 0, stepA: countA === 1 ? 0 : 1, stepB: countB === 1 ? 0 : 1 }];
  }
  return Array.from({ length: count }, (_, c) => ({
    count: 1,
    a: broadcastIndex(c, shape, shapeA),
    b: broadcastIndex(c, shape, shapeB),
    c,
    stepA: 0,
    stepB: 0,
  }));
}

/** The flat index into `source` of entry `index` of the broadcast `shape`. */
function broadcastIndex(index: number, shape: number[], source: number[]): number {
  let result = 0;
  let stride = 1;
  for (let fromEnd = 1; fromEnd <= shape.length; fromEnd++) {
    const extent = shape[shape.length - fromEnd] ?? 1;
    const sourceExtent = source[source.length - fromEnd] ?? 1;
    result += (sourceExtent === 1 ? 0 : index % extent) * stride;
    stride *= sourceExtent;
    index = Math.floor(index / extent);
  }
  return result;
}

/** @throws {TypeError} If the tensor is not float32. */
export function requireFloat(tensor: TensorInfo): void {
  if (tensor.dtype !== 'float32') {
    throw new TypeError(`Cannot multiply a tensor of type ${tensor.dtype}: it must be float32`);
  }
}
