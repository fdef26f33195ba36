import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import type { OwnKernel } from '../kernel-call';
import { addresses, LayerInputs } from './layer-inputs';

const LAYER = 'cross-entropy';

/** Softmax cross-entropy of logits against class ids, and its gradient. */
export function crossEntropyKernels(heap: Heap): Record<string, OwnKernel> {
  const wasm = heap.functions('crossEntropy', 'crossEntropyGradient');
  function labels(inputs: LayerInputs, [rows, classes]: [number, number]): TensorInfo[] {
    const targets = inputs.integers('targets', [rows]);
    const wrong = heap.integers(targets).find((target) => target < -1 || target >= classes);
    if (wrong !== undefined) {
      throw new RangeError(
        `Cannot compute ${LAYER}: a target must be -1 or a class below ${classes}: current value is ${wrong}`,
      );
    }
    return [targets, inputs.floats('weights', [rows])];
  }
  return {
    PixelisCrossEntropy: (call) => {
      const inputs = new LayerInputs(LAYER, call);
      const [logits, rows, classes] = inputs.matrix('logits');
      const given = [logits, ...labels(inputs, [rows, classes])];
      const outputs = [heap.output([]), heap.output([rows, classes])];
      wasm.crossEntropy(rows, classes, ...addresses(heap, [...given, ...outputs]));
      return outputs;
    },
    PixelisCrossEntropyGradient: (call) => {
      const inputs = new LayerInputs(LAYER, call);
      const dy = inputs.floats('dy', []);
      const [probabilities, rows, classes] = inputs.matrix('probabilities');
      const given = [dy, probabilities, ...labels(inputs, [rows, classes])];
      const dLogits = heap.output([rows, classes]);
      wasm.crossEntropyGradient(rows, classes, ...addresses(heap, [...given, dLogits]));
      return dLogits;
    },
  };
}
