import type { Heap } from '../heap/heap';
import type { OwnKernel } from '../kernel-call';
import { LayerInputs } from './layer-inputs';

/** Sums over the rows of a matrix. */
export function columnSumKernels(heap: Heap): Record<string, OwnKernel> {
  const wasm = heap.functions('columnSums');
  return {
    PixelisColumnSums: (call) => {
      const [x, rows, columns] = new LayerInputs('column sums', call).matrix('x');
      const sums = heap.output([columns]);
      wasm.columnSums(rows, columns, heap.address(x), heap.address(sums));
      return sums;
    },
  };
}
