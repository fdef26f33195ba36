import { util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import { inputNamed, type OwnKernel } from '../kernel-call';

/**
 * `PixelisGelu`, the Gaussian error linear unit of `x` and its derivative at `x`, in one pass.
 *
 * Attribute `form`: `'erf'` for x · Φ(x), `'tanh'` for its approximation x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) / 2.
 */
export function geluKernel(heap: Heap): OwnKernel {
  const { geluOfErf, geluOfTanh } = heap.functions('geluOfErf', 'geluOfTanh');
  return ({ inputs, attrs }) => {
    const x = inputNamed(inputs, 'x');
    const form = attrs?.['form'];
    if (x.dtype !== 'float32') return undefined;
    if (form !== 'erf' && form !== 'tanh') {
      const current = typeof form === 'string' ? form : typeof form;
      throw new RangeError(
        `Cannot compute GELU: form must be "erf" or "tanh": current value is ${current}`,
      );
    }
    const [value, derivative] = [heap.output(x.shape), heap.output(x.shape)];
    const count = util.sizeFromShape(x.shape);
    const apply = form === 'erf' ? geluOfErf : geluOfTanh;
    if (count > 0) apply(count, heap.address(x), heap.address(value), heap.address(derivative));
    return [value, derivative];
  };
}
