import type { Heap } from '../heap/heap';
import type { OwnKernel } from '../kernel-call';
import { type AttentionCall, attentionOf } from './attention-call';
import { addresses } from './layer-inputs';

/** Attention of packed queries, keys and values, and its gradient. */
export function attentionKernels(heap: Heap): Record<string, OwnKernel> {
  const wasm = heap.functions('attention', 'attentionGradient', 'scratchBytes');
  const scratch = heap.reserve(wasm.scratchBytes());
  return {
    PixelisAttention: (call) => {
      const attention = attentionOf(call);
      const { packed, valueShape, probabilityShape } = attention;
      const outputs = [heap.output(valueShape), heap.output(probabilityShape)];
      wasm.attention(...extentsOf(attention), ...addresses(heap, [packed, ...outputs]), scratch);
      return outputs;
    },
    PixelisAttentionGradient: (call) => {
      const attention = attentionOf(call);
      const { packed, inputs, length, valueShape, probabilityShape } = attention;
      const dy = inputs.floats('dy', valueShape);
      const probabilities = inputs.floats('probabilities', probabilityShape);
      const dPacked = heap.output(packed.shape);
      // The gradient of one head's scores, a tensor of this call alone: nothing is kept for sequences that come no more.
      const scores = heap.output([length, length]);
      const tensors = [dy, packed, probabilities, dPacked, scores];
      wasm.attentionGradient(...extentsOf(attention), ...addresses(heap, tensors), scratch);
      heap.backend.disposeData(scores.dataId);
      return dPacked;
    },
  };
}

/** The numbers that both kernels begin with. */
function extentsOf({ batch, length, heads, headDim, isCausal, scale }: AttentionCall): number[] {
  return [batch, length, heads, headDim, Number(isCausal), scale];
}
