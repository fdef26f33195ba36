import type { Heap } from '../heap/heap';
import type { OwnKernel } from '../kernel-call';
import { binaryKernels } from './binary-kernels';
import { geluKernel } from './gelu-kernel';
import { selectKernel } from './select-kernel';
import { unaryKernels } from './unary-kernels';

/** tfjs's functions of one entry or of two entries at the same place, and the Gaussian error linear unit. */
export function elementwiseKernels(heap: Heap): Record<string, OwnKernel> {
  return {
    ...unaryKernels(heap),
    ...binaryKernels(heap),
    Select: selectKernel(heap),
    PixelisGelu: geluKernel(heap),
  };
}
