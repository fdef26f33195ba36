import type { Heap } from '../heap/heap';
import type { OwnKernel } from '../kernel-call';
import { addresses, LayerInputs } from './layer-inputs';

const LAYER = 'layer normalisation';

/** Layer normalisation of rows, and its gradient. */
export function layerNormKernels(heap: Heap): Record<string, OwnKernel> {
  const wasm = heap.functions('layerNorm', 'layerNormGradient');
  return {
    PixelisLayerNorm: (call) => {
      const inputs = new LayerInputs(LAYER, call);
      const [x, rows, dim] = inputs.matrix('x');
      const parameters = [inputs.floats('weight', [dim]), inputs.floats('bias', [dim])];
      const epsilon = inputs.number('epsilon');
      const outputs = [heap.output([rows, dim]), heap.output([rows]), heap.output([rows])];
      wasm.layerNorm(
        rows,
        dim,
        ...addresses(heap, [x, ...parameters]),
        epsilon,
        ...addresses(heap, outputs),
      );
      return outputs;
    },
    PixelisLayerNormGradient: (call) => {
      const inputs = new LayerInputs(LAYER, call);
      const [x, rows, dim] = inputs.matrix('x');
      const given = [
        inputs.floats('dy', [rows, dim]),
        x,
        inputs.floats('weight', [dim]),
        inputs.floats('mean', [rows]),
        inputs.floats('inverseDeviation', [rows]),
      ];
      const outputs = [heap.output([rows, dim]), heap.output([dim]), heap.output([dim])];
      wasm.layerNormGradient(rows, dim, ...addresses(heap, given), ...addresses(heap, outputs));
      return outputs;
    },
  };
}
