import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import { inputNamed, type OwnKernel } from '../kernel-call';
import { MatrixProduct, type Transposition } from './matrix-product';

/** tfjs's matrix products. */
export function matrixProductKernels(heap: Heap): Record<string, OwnKernel> {
  const product = new MatrixProduct(heap);
  return {
    BatchMatMul: ({ inputs, attrs }) =>
      product.multiply(inputNamed(inputs, 'a'), inputNamed(inputs, 'b'), transposition(attrs)),
    _FusedMatMul: ({ inputs, attrs }) => {
      if (attrs?.['activation'] !== 'linear') return undefined;
      const options = { ...transposition(attrs), bias: inputs['bias'] };
      return product.multiply(inputNamed(inputs, 'a'), inputNamed(inputs, 'b'), options);
    },
  };
}

function transposition(attrs: NamedAttrMap | undefined): Transposition {
  return { transposeA: Boolean(attrs?.['transposeA']), transposeB: Boolean(attrs?.['transposeB']) };
}
