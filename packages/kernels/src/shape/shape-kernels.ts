import type { Heap } from '../heap/heap';
import { extentsNamed, inputNamed, type OwnKernel } from '../kernel-call';
import { RowCopies } from './row-copies';

/** tfjs's kernels that move entries without computing. */
export function shapeKernels(heap: Heap): Record<string, OwnKernel> {
  const copies = new RowCopies(heap.backend);
  return {
    Slice: ({ inputs, attrs }) =>
      copies.slice(
        inputNamed(inputs, 'x'),
        extentsNamed(attrs, 'begin'),
        extentsNamed(attrs, 'size'),
      ),
    SplitV: ({ inputs, attrs }) =>
      copies.split(
        inputNamed(inputs, 'x'),
        extentsNamed(attrs, 'numOrSizeSplits'),
        Number(attrs?.['axis']),
      ),
    GatherV2: ({ inputs, attrs }) =>
      attrs?.['axis'] === 0 && attrs['batchDims'] === 0
        ? copies.gather(inputNamed(inputs, 'x'), inputNamed(inputs, 'indices'))
        : undefined,
  };
}
