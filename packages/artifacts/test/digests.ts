import { sha256, type StepDigests } from '@pixelis/core';

/** Digests of initial weights. */
export const WEIGHTS: StepDigests = { weights: sha256('weights'), weight_tensors: '01234567' };

/** Digests of a step. */
export const DIGESTS: StepDigests = {
  batch: sha256('batch'),
  loss: '3fe0000000000000',
  gradients: sha256('gradients'),
  gradient_tensors: '89abcdef',
  weights: sha256('other weights'),
  weight_tensors: '76543210',
};
