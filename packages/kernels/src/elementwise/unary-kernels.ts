import { util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import { inputNamed, type OwnKernel } from '../kernel-call';

const WITHOUT_ATTRIBUTES = [
  'Abs', 'Ceil', 'Elu', 'Erf', 'Exp', 'Expm1', 'Floor', 'Log', 'Log1p', 'Neg', 'Reciprocal', 'Relu', 'Relu6', 'Round',
  'Rsqrt', 'Selu', 'Sigmoid', 'Sign', 'Softplus', 'Sqrt', 'Square', 'Tanh',
] as const; // prettier-ignore

type UnaryName = (typeof WITHOUT_ATTRIBUTES)[number] | 'ClipByValue' | 'LeakyRelu' | 'Step';

/** tfjs's functions of one entry, of float32 tensors. */
export function unaryKernels(heap: Heap): Record<string, OwnKernel> {
  const kernels: Record<string, OwnKernel> = {
    ClipByValue: unaryKernel(heap, 'ClipByValue', ['clipValueMin', 'clipValueMax']),
    LeakyRelu: unaryKernel(heap, 'LeakyRelu', ['alpha']),
    Step: unaryKernel(heap, 'Step', ['alpha']),
  };
  for (const name of WITHOUT_ATTRIBUTES) kernels[name] = unaryKernel(heap, name, []);
  return kernels;
}

/** `attributes`: those that the compiled function takes, in its order. */
function unaryKernel(heap: Heap, name: UnaryName, attributes: readonly string[]): OwnKernel {
  const exported = `apply${name}` as const;
  const { [exported]: apply } = heap.functions(exported);
  return ({ inputs, attrs }) => {
    const x = inputNamed(inputs, 'x');
    if (x.dtype !== 'float32') return undefined;
    const out = heap.output(x.shape);
    const count = util.sizeFromShape(x.shape);
    const values = attributes.map((attribute) => Number(attrs?.[attribute]));
    if (count > 0) apply(count, heap.address(x), heap.address(out), ...values);
    return out;
  };
}
