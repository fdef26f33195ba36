import type { Tensor1D } from '@tensorflow/tfjs-core';
import type { AdamWScalars } from '../arena/parameter-arena';
import { kernelInUse, type TensorFlowEngine } from '../layers/fused-layers';

/** What a fused step of AdamW reads; vectors of one length, float32. */
export interface FusedAdamWInput {
  readonly parameters: Tensor1D;
  readonly gradients: Tensor1D;
  /** Running mean of the gradients. */
  readonly m: Tensor1D;
  /** Running mean of their squares. */
  readonly v: Tensor1D;
  /** 1 where weight decay applies, 0 elsewhere. */
  readonly decayMask: Tensor1D;
}

/** What a step of AdamW gives: new tensors, as all results of kernels. */
export interface FusedAdamWResult {
  readonly parameters: Tensor1D;
  readonly m: Tensor1D;
  readonly v: Tensor1D;
}

/**
 * A step of AdamW over a flat vector in one kernel call; the numbers are those of `ParameterArena`'s step within rounding.
 *
 * @param tf The TensorFlow.js module that the program uses.
 * @returns undefined where the backend in use lacks it: `installWebgpuKernels` comes first.
 */
export function fusedAdamW(
  tf: TensorFlowEngine,
): ((input: FusedAdamWInput, scalars: AdamWScalars) => FusedAdamWResult) | undefined {
  if (kernelInUse(tf, 'PixelisAdamW') === undefined) return undefined;
  return (input, scalars) => {
    const [parameters, m, v] = tf
      .engine()
      .runKernel<[Tensor1D, Tensor1D, Tensor1D]>('PixelisAdamW', { ...input }, { ...scalars });
    return { parameters, m, v };
  };
}
