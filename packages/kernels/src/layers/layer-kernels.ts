import type { Heap } from '../heap/heap';
import type { OwnKernel } from '../kernel-call';
import { attentionKernels } from './attention-kernels';
import { columnSumKernels } from './column-sum-kernels';
import { crossEntropyKernels } from './cross-entropy-kernels';
import { layerNormKernels } from './layer-norm-kernels';
import { softmaxKernels } from './softmax-kernels';

/** Whole layers and their gradients, which tfjs has no kernels for. */
export function layerKernels(heap: Heap): Record<string, OwnKernel> {
  return {
    ...layerNormKernels(heap),
    ...attentionKernels(heap),
    ...crossEntropyKernels(heap),
    ...softmaxKernels(heap),
    ...columnSumKernels(heap),
  };
}
