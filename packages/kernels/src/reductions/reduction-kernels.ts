import type { Heap } from '../heap/heap';
import type { OwnKernel } from '../kernel-call';

/** tfjs's sums, means and extrema along dimensions. */
export function reductionKernels(_heap: Heap): Record<string, OwnKernel> {
  return {};
}
