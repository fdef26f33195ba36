import {
  type KernelFunc,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
  util,
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

/** The inputs of a kernel that takes a list of tensors. */
export function listedInputs(inputs: NamedTensorInfoMap): TensorInfo[] {
  return Object.values(inputs).filter((tensor) => tensor !== undefined);
}

/** An attribute that is a list of numbers; a number alone is a list of one, and a missing attribute an empty one. */
export function numbersNamed(attrs: NamedAttrMap | undefined, name: string): number[] {
  return [attrs?.[name] ?? []].flat(1).map(Number);
}

/**
 * An attribute that names axes of a tensor of that shape, counted from 0; a missing one names all.
 *
 * @throws {Error} If there is no such axis.
 */
export function axesNamed(
  attrs: NamedAttrMap | undefined,
  name: string,
  shape: readonly number[],
): number[] {
  const given = attrs?.[name] ?? shape.map((_, axis) => axis);
  return util.parseAxisParam([given].flat(1).map(Number), [...shape]);
}

/** An attribute that is text; empty if it is not. */
export function textNamed(attrs: NamedAttrMap | undefined, name: string): string {
  const value = attrs?.[name];
  return typeof value === 'string' ? value : '';
}

/** An attribute that is a list of pairs of numbers. */
export function pairsNamed(attrs: NamedAttrMap | undefined, name: string): [number, number][] {
  const value = attrs?.[name];
  if (!Array.isArray(value)) return [];
  return value.map((pair) => (Array.isArray(pair) ? [Number(pair[0]), Number(pair[1])] : [0, 0]));
}
