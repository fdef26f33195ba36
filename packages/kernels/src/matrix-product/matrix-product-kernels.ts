import { type NamedAttrMap, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { FusedActivation } from '../convolution/fused-activation';
import type { Heap } from '../heap/heap';
import { inputNamed, type OwnKernel } from '../kernel-call';
import { MatrixProduct, requireFloat, type Transposition } from './matrix-product';

/** tfjs's matrix products: alone, and with a bias and an activation function after it. */
export function matrixProductKernels(heap: Heap): Record<string, OwnKernel> {
  const product = new MatrixProduct(heap);
  const fused = new FusedActivation(heap);
  return {
    BatchMatMul: ({ inputs, attrs }) =>
      product.multiply(inputNamed(inputs, 'a'), inputNamed(inputs, 'b'), transposition(attrs)),
    _FusedMatMul: ({ inputs, attrs }) => {
      const [a, b] = [inputNamed(inputs, 'a'), inputNamed(inputs, 'b')];
      const { transposeA, transposeB } = transposition(attrs);
      const columns = b.shape.at(transposeB ? -2 : -1) ?? 1;
      if (inputs['bias']) requireBias(inputs['bias'], columns);
      if (!fused.serves(inputs, attrs, columns)) return undefined;
      const result = product.multiply(a, b, { transposeA, transposeB });
      fused.apply(result, inputs, attrs);
      return result;
    },
  };
}

function transposition(attrs: NamedAttrMap | undefined): Transposition {
  return { transposeA: Boolean(attrs?.['transposeA']), transposeB: Boolean(attrs?.['transposeB']) };
}

function requireBias(bias: TensorInfo, columns: number): void {
  requireFloat(bias);
  const size = util.sizeFromShape(bias.shape);
  if ((size !== columns && size !== 1) || (bias.shape.at(-1) ?? 1) !== size) {
    throw new RangeError(
      `Cannot add a bias of shape [${bias.shape}]: it must be [${columns}] or [1]`,
    );
  }
}
