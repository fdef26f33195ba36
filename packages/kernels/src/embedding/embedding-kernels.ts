import type { Heap } from '../heap/heap';
import type { OwnKernel } from '../kernel-call';

/** Tables read by index, and the gradients of reading. */
export function embeddingKernels(_heap: Heap): Record<string, OwnKernel> {
  return {};
}
