import type { Heap } from '../heap/heap';
import type { OwnKernel } from '../kernel-call';

/** tfjs's functions of one entry or of two entries at the same place. */
export function elementwiseKernels(_heap: Heap): Record<string, OwnKernel> {
  return {};
}
