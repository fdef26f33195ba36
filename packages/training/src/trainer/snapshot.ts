import type { NamedTensor, TensorTree } from '../checkpoints/safetensors';
import type { ParameterLayout, ParameterSlot } from '../parameters';
import { divergence } from './divergence';

/**
 * Writes a tree of tensors, as a snapshot holds them, into a flat vector.
 *
 * @throws {RangeError} If a parameter is missing or of another size.
 */
export function writeTree(
  tree: TensorTree,
  { layout, vector }: { readonly layout: ParameterLayout; readonly vector: Float32Array },
): void {
  for (const slot of layout.slots) vector.set(valuesNamed(tree, slot), slot.offset);
}

/**
 * The values of one parameter in a tree, as a snapshot holds them.
 *
 * @throws {RangeError} If it is missing or of another size.
 */
export function valuesNamed(
  tree: TensorTree,
  { name, size }: Pick<ParameterSlot, 'name' | 'size'>,
): Float32Array {
  const data = Object.hasOwn(tree, name) ? tree[name]?.data : undefined;
  if (data?.length === size) return data;
  throw new RangeError(
    `Cannot restore parameters: ${name} must have ${size} entries: current value is ${data?.length ?? 'none'}`,
  );
}

/**
 * A flat vector by parameter name, in arrays of their own.
 *
 * @throws {UsageError} `TRAINING_DIVERGED` if a number in it is not finite.
 */
export function treeOfVector(
  vector: Float32Array,
  { layout, step }: { readonly layout: ParameterLayout; readonly step: number },
): TensorTree {
  const tensors: Record<string, NamedTensor> = {};
  for (const { name, shape, offset, size } of layout.slots) {
    const data = Float32Array.from(vector.subarray(offset, offset + size));
    if (!data.every(Number.isFinite)) throw divergence(step, `${name} is not finite`);
    tensors[name] = { shape, data };
  }
  return tensors;
}
