import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap, WasmFunction } from '../heap/heap';
import { inputNamed, type OwnKernel } from '../kernel-call';

/** tfjs's softmax and log-softmax over the last axis, the one that tfjs calls them for. */
export function softmaxKernels(heap: Heap): Record<string, OwnKernel> {
  const wasm = heap.functions('softmax', 'logSoftmax');
  function run(kernel: WasmFunction, logits: TensorInfo, axis: unknown): TensorInfo | undefined {
    const { shape, dtype } = logits;
    const columns = shape.at(-1);
    if (dtype !== 'float32' || columns === undefined || axis !== shape.length - 1) return undefined;
    const out = heap.output(shape);
    const size = util.sizeFromShape(shape);
    if (size > 0) kernel(size / columns, columns, heap.address(logits), heap.address(out));
    return out;
  }
  return {
    Softmax: ({ inputs, attrs }) => run(wasm.softmax, inputNamed(inputs, 'logits'), attrs?.['dim']),
    LogSoftmax: ({ inputs, attrs }) =>
      run(wasm.logSoftmax, inputNamed(inputs, 'logits'), attrs?.['axis']),
  };
}
