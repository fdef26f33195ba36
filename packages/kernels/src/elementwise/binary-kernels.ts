import { broadcast_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap, WasmFunction } from '../heap/heap';
import { inputNamed, listedInputs, type OwnKernel } from '../kernel-call';
import { broadcastRows } from './broadcast-rows';

const BINARY = [
  'Add',
  'Maximum',
  'Minimum',
  'Multiply',
  'RealDiv',
  'SquaredDifference',
  'Sub',
] as const;

/** tfjs's functions of two entries at the same place, and its sum of many, of float32 tensors that broadcast. */
export function binaryKernels(heap: Heap): Record<string, OwnKernel> {
  const kernels: Record<string, OwnKernel> = {
    AddN: sumKernel(heap),
    EluGrad: binaryKernel(heap, 'EluGrad', ['y', 'dy']),
    Prelu: binaryKernel(heap, 'Prelu', ['x', 'alpha']),
  };
  for (const name of BINARY) kernels[name] = binaryKernel(heap, name, ['a', 'b']);
  return kernels;
}

function binaryKernel(
  heap: Heap,
  name: (typeof BINARY)[number] | 'EluGrad' | 'Prelu',
  [first, second]: readonly [string, string],
): OwnKernel {
  const exported = `apply${name}` as const;
  const { [exported]: apply } = heap.functions(exported);
  return ({ inputs }) => {
    const operands = { a: inputNamed(inputs, first), b: inputNamed(inputs, second) };
    if (operands.a.dtype !== 'float32' || operands.b.dtype !== 'float32') return undefined;
    const shape = broadcast_util.assertAndGetBroadcastShape(operands.a.shape, operands.b.shape);
    const out = heap.output(shape);
    if (util.sizeFromShape(shape) > 0) fill(heap, apply, { ...operands, out });
    return out;
  };
}

/** Adds the inputs in their order: ((x0 + x1) + x2) + … */
function sumKernel(heap: Heap): OwnKernel {
  const { applyAdd } = heap.functions('applyAdd');
  return ({ inputs }) => {
    const [first, second, ...rest] = listedInputs(inputs);
    if (first === undefined || second === undefined) return undefined;
    if ([first, second, ...rest].some(({ dtype }) => dtype !== 'float32')) return undefined;
    const out = heap.output(first.shape);
    if (util.sizeFromShape(first.shape) === 0) return out;
    fill(heap, applyAdd, { a: first, b: second, out });
    for (const one of rest) fill(heap, applyAdd, { a: out, b: one, out });
    return out;
  };
}

/** `apply` is a compiled function with the arguments of `combineRows`. */
function fill(
  heap: Heap,
  apply: WasmFunction,
  { a, b, out }: Readonly<Record<'a' | 'b' | 'out', TensorInfo>>,
): void {
  const { rows, columns, left, right } = broadcastRows(out.shape, a.shape, b.shape);
  const [startA, startB, startOut] = [heap.address(a), heap.address(b), heap.address(out)];
  left.starts.forEach((start, index) =>
    apply(
      rows, columns,
      startA + start * 4, left.rowStride, left.columnStride,
      startB + (right.starts[index] ?? 0) * 4, right.rowStride, right.columnStride,
      startOut + index * rows * columns * 4,
    ),
  ); // prettier-ignore
}
