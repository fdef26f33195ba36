import type {
  KernelFunc,
  NamedAttrMap,
  NamedTensorInfoMap,
  TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Heap } from './heap/heap';

/** What tfjs hands to a kernel. */
export type KernelCall = Parameters<KernelFunc>[0];

/** What a kernel hands back. */
export type KernelOutputs = TensorInfo | TensorInfo[];

/** A kernel of ours; undefined leaves the call to the kernel of tfjs that it stands in for. */
export type OwnKernel = (call: KernelCall) => KernelOutputs | undefined;

/** Kernels by the name that tfjs calls them by, on one heap. */
export type KernelSet = (heap: Heap) => Readonly<Record<string, OwnKernel>>;

/** @throws {TypeError} If the call lacks that input. */
export function inputNamed(inputs: NamedTensorInfoMap, name: string): TensorInfo {
  const tensor = inputs[name];
  if (tensor === undefined)
    throw new TypeError(`Cannot run the kernel: input "${name}" is missing`);
  return tensor;
}

/** An attribute that is a number, or one for each dimension. */
export function extentsNamed(attrs: NamedAttrMap | undefined, name: string): number | number[] {
  const value = attrs?.[name];
  return Array.isArray(value) ? value.map(Number) : Number(value);
}
