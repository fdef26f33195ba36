import type { Heap } from '../heap/heap';
import type { OwnKernel } from '../kernel-call';

/** Convolutions, pooling and their gradients. */
export function convolutionKernels(_heap: Heap): Record<string, OwnKernel> {
  return {};
}
