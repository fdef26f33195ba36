import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import type { KernelCall, OwnKernel } from '../kernel-call';
import { addresses, LayerInputs } from './layer-inputs';

/** Attention of packed queries, keys and values, and its gradient. */
export function attentionKernels(heap: Heap): Record<string, OwnKernel> {
  const wasm = heap.functions('attention', 'attentionGradient', 'scratchBytes');
  const scratch = heap.reserve(wasm.scratchBytes());
  return {
    PixelisAttention: (call) => {
      const { packed, extents, valueShape, probabilityShape } = attentionOf(call);
      const outputs = [heap.output(valueShape), heap.output(probabilityShape)];
      wasm.attention(...extents, ...addresses(heap, [packed, ...outputs]), scratch);
      return outputs;
    },
    PixelisAttentionGradient: (call) => {
      const { packed, extents, inputs, length, valueShape, probabilityShape } = attentionOf(call);
      const dy = inputs.floats('dy', valueShape);
      const probabilities = inputs.floats('probabilities', probabilityShape);
      const dPacked = heap.output(packed.shape);
      // The gradient of one head's scores, a tensor of this call alone: nothing is kept for sequences that come no more.
      const scores = heap.output([length, length]);
      const tensors = [dy, packed, probabilities, dPacked, scores];
      wasm.attentionGradient(...extents, ...addresses(heap, tensors), scratch);
      heap.backend.disposeData(scores.dataId);
      return dPacked;
    },
  };
}

interface AttentionCall {
  readonly inputs: LayerInputs;
  readonly packed: TensorInfo;
  readonly length: number;
  readonly valueShape: number[];
  readonly probabilityShape: number[];
  /** The numbers that both kernels begin with: batch, length, heads, headDim, isCausal, scale. */
  readonly extents: number[];
}

function attentionOf(call: KernelCall): AttentionCall {
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
    length,
    valueShape: [rows, heads * headDim],
    probabilityShape: [batch * heads, length, length],
    extents: [batch, length, heads, headDim, Number(isCausal), 1 / Math.sqrt(headDim)],
  };
}
