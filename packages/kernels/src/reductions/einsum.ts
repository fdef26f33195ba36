import { backend_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import { MatrixProduct } from '../matrix-product/matrix-product';
import { TensorCopies } from '../shape/tensor-copies';
import { Reduction } from './reduction';

/** A tensor whose axes are named by the numbers of tfjs's `decodeEinsumEquation`. */
interface LabelledTensor {
  readonly tensor: TensorInfo;
  readonly labels: readonly number[];
}

/**
 * Sums of products after Einstein's convention, of one or two float32 tensors, in place on the heap of tfjs's wasm backend:
 * what is in one tensor alone and not in the result is summed first, as {@link Reduction} does it; two tensors are then one
 * batched matrix product.
 */
export class Einsum {
  private readonly copies: TensorCopies;
  private readonly product: MatrixProduct;
  private readonly reduction: Reduction;

  /** @throws {RangeError} If the heap is full. */
  constructor(private readonly heap: Heap) {
    this.copies = new TensorCopies(heap);
    this.product = new MatrixProduct(heap);
    this.reduction = new Reduction(heap);
  }

  /**
   * The sum of products of `tensors` that `equation` says, such as `ij,jk->ik`; it belongs to the caller.
   *
   * @throws {Error} If the equation is not one of such tensors.
   * @throws {TypeError} If a tensor is not float32.
   */
  evaluate(equation: string, tensors: readonly TensorInfo[]): TensorInfo {
    const { allDims, summedDims, idDims } = backend_util.decodeEinsumEquation(
      equation,
      tensors.length,
    );
    for (const { dtype } of tensors) {
      if (dtype !== 'float32')
        throw new TypeError(`Cannot evaluate einsum of type ${dtype}: it must be float32`);
    }
    const extents = extentsOf(tensors, idDims);
    const summed = new Set(summedDims);
    const result = allDims.map((_, label) => label).filter((label) => !summed.has(label));
    const [left, right] = tensors.map((tensor, index) => {
      const others = idDims.filter((_, other) => other !== index).flat();
      const labels = idDims[index] ?? [];
      return this.reduced(
        { tensor, labels },
        new Set(labels.filter((label) => summed.has(label) && !others.includes(label))),
      );
    });
    if (left === undefined) throw new TypeError('Cannot evaluate einsum of no tensor');
    if (right === undefined) return this.arranged(left, result, extents);
    const batch = result.filter(
      (label) => left.labels.includes(label) && right.labels.includes(label),
    );
    const contracted = summedDims.filter(
      (label) => left.labels.includes(label) && right.labels.includes(label),
    );
    const rows = result.filter((label) => left.labels.includes(label) && !batch.includes(label));
    const columns = result.filter(
      (label) => right.labels.includes(label) && !batch.includes(label),
    );
    const a = this.arranged(left, [...batch, ...rows, ...contracted], extents);
    const b = this.arranged(right, [...batch, ...contracted, ...columns], extents);
    const size = (labels: readonly number[]) =>
      util.sizeFromShape(labels.map((label) => extents[label] ?? 1));
    const out = this.product.multiply(
      { ...a, shape: [size(batch), size(rows), size(contracted)] },
      { ...b, shape: [size(batch), size(contracted), size(columns)] },
      { transposeA: false, transposeB: false },
    );
    this.heap.free(a);
    this.heap.free(b);
    const labels = [...batch, ...rows, ...columns];
    const tensor = { ...out, shape: labels.map((label) => extents[label] ?? 1) };
    return this.arranged({ tensor, labels }, result, extents);
  }

  /** The sum over some labels, of a tensor that stays the caller's; the result belongs to {@link evaluate}. */
  private reduced({ tensor, labels }: LabelledTensor, summed: ReadonlySet<number>): LabelledTensor {
    const axes = labels.flatMap((label, axis) => (summed.has(label) ? [axis] : []));
    const sum = this.reduction.reduce('sum', tensor, { axes, keepDims: false });
    return {
      tensor: sum ?? this.heap.share(tensor, tensor.shape),
      labels: labels.filter((label) => !summed.has(label)),
    };
  }

  /** The tensor with its axes in that order; frees the one given. */
  private arranged(
    { tensor, labels }: LabelledTensor,
    order: readonly number[],
    extents: readonly number[],
  ): TensorInfo {
    const permutation = order.map((label) => labels.indexOf(label));
    const out = this.copies.transpose(tensor, permutation);
    this.heap.free(tensor);
    if (out === undefined) throw new TypeError(`Cannot transpose a tensor of type ${tensor.dtype}`);
    return { ...out, shape: order.map((label) => extents[label] ?? 1) };
  }
}

/** The extent of each label. @throws {Error} If two axes of a label differ, or a tensor has axes without label. */
function extentsOf(
  tensors: readonly TensorInfo[],
  idDims: readonly (readonly number[])[],
): number[] {
  const extents: number[] = [];
  tensors.forEach(({ shape }, index) => {
    const labels = idDims[index] ?? [];
    if (labels.length !== shape.length) {
      throw new Error(
        `Cannot evaluate einsum: input ${index} has shape [${shape}], the equation names ${labels.length} axes`,
      );
    }
    labels.forEach((label, axis) => {
      const extent = (extents[label] ??= shape[axis] ?? 1);
      if (extent !== shape[axis]) {
        throw new Error(
          `Expected dimension ${extent} at axis ${axis} of input shaped [${shape}], but got dimension ${shape[axis]}`,
        );
      }
    });
  });
  return extents;
}
