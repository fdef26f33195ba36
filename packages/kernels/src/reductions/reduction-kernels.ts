import type { Heap } from '../heap/heap';
import { axesNamed, inputNamed, listedInputs, textNamed, type OwnKernel } from '../kernel-call';
import { Einsum } from './einsum';
import { Reduction, type ReductionKind } from './reduction';

/** tfjs's sums, means and extrema along dimensions, and its sums of products. */
export function reductionKernels(heap: Heap): Record<string, OwnKernel> {
  const reduction = new Reduction(heap);
  function kernelOf(kind: ReductionKind, axisName = 'axis'): OwnKernel {
    return ({ inputs, attrs }) => {
      const x = inputNamed(inputs, 'x');
      const axes = axesNamed(attrs, axisName, x.shape);
      return reduction.reduce(kind, x, { axes, keepDims: Boolean(attrs?.['keepDims']) });
    };
  }
  const einsum = new Einsum(heap);
  return {
    Einsum: ({ inputs, attrs }) =>
      einsum.evaluate(textNamed(attrs, 'equation'), listedInputs(inputs)),
    Max: kernelOf('maximum', 'reductionIndices'),
    Mean: kernelOf('mean'),
    Min: kernelOf('minimum'),
    Prod: kernelOf('product'),
    Sum: kernelOf('sum'),
  };
}
