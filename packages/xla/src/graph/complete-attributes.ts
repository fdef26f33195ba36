import type { OpAttribute, TensorInfo } from '../backend/tensorflow-backend';
import { dataTypeOf } from '../protocol/saved-model';

/** The binding's numbers for the kinds of attributes, as in TensorFlow's `tf_attrtype.h`. */
export const ATTRIBUTE_KINDS = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;

/** Attributes that kernels leave to TensorFlow's eager execution to find out: the types of inputs, by their number. */
const LEFT_OUT: ReadonlyMap<string, Readonly<Record<string, number>>> = new Map([
  ['ExpandDims', { T: 0, Tdim: 1 }],
]);

/** The attributes of an operation with those that a graph needs besides. */
export function completeAttributes(
  op: string,
  { attributes, inputs }: { attributes: readonly OpAttribute[]; inputs: readonly TensorInfo[] },
): readonly OpAttribute[] {
  const added = Object.entries(LEFT_OUT.get(op) ?? {}).flatMap(([name, index]) => {
    const input = inputs[index];
    const isGiven = attributes.some((attribute) => attribute.name === name);
    return input === undefined || isGiven
      ? []
      : [{ name, type: ATTRIBUTE_KINDS.type, value: dataTypeOf(input.dtype) }];
  });
  return [...attributes, ...added];
}
