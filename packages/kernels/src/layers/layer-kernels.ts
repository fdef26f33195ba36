import type { Heap } from '../heap/heap';
import type { OwnKernel } from '../kernel-call';

/** Whole layers and their gradients, which tfjs has no kernels for. */
export function layerKernels(_heap: Heap): Record<string, OwnKernel> {
  return {};
}
