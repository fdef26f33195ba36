import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { KernelCall } from '../kernel-call';
import { LayerInputs } from './layer-inputs';

/** What a kernel of attention was called with. */
export interface AttentionCall {
  readonly inputs: LayerInputs;
  readonly packed: TensorInfo;
  readonly batch: number;
  readonly length: number;
  readonly heads: number;
  readonly headDim: number;
  readonly isCausal: boolean;
  /** 1 / √headDim */
  readonly scale: number;
  readonly valueShape: number[];
  readonly probabilityShape: number[];
}

/**
 * Reads the call of a kernel of attention or of its gradient.
 *
 * @throws {TypeError} If an input or an option is missing or of another type.
 * @throws {RangeError} If the packed tensor does not fit the options.
 */
export function attentionOf(call: KernelCall): AttentionCall {
  const inputs = new LayerInputs('attention', call);
  const [batch, length] = [inputs.count('batch', 0), inputs.count('length', 0)];
  const heads = inputs.count('heads', 1);
  const isCausal = call.attrs?.['isCausal'] === true;
  const [packed, rows, columns] = inputs.matrix('packed');
  const headDim = columns / (3 * heads);
  if (rows !== batch * length || headDim < 1 || !Number.isInteger(headDim)) {
    throw new RangeError(
      `Cannot compute attention: packed must have shape [${batch * length}, 3 * dim] with dim a positive multiple of ${heads}: current shape is [${packed.shape}]`,
    );
  }
  return {
    inputs,
    packed,
    batch,
    length,
    heads,
    headDim,
    isCausal,
    scale: 1 / Math.sqrt(headDim),
    valueShape: [rows, heads * headDim],
    probabilityShape: [batch * heads, length, length],
  };
}
