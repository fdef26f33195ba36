import type { Heap } from '../heap/heap';
import { inputNamed, type OwnKernel } from '../kernel-call';
import { TableRows } from './table-rows';

/** Tables read by index, and the gradients of reading. */
export function embeddingKernels(heap: Heap): Record<string, OwnKernel> {
  const rows = new TableRows(heap);
  return {
    GatherV2: ({ inputs, attrs }) =>
      rows.gather(inputNamed(inputs, 'x'), inputNamed(inputs, 'indices'), {
        axis: Number(attrs?.['axis']),
        batchDims: Number(attrs?.['batchDims']),
      }),
    UnsortedSegmentSum: ({ inputs, attrs }) =>
      rows.sumBySegment(
        inputNamed(inputs, 'x'),
        inputNamed(inputs, 'segmentIds'),
        Number(attrs?.['numSegments']),
      ),
  };
}
