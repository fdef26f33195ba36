import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { AttentionCall } from '../layers/attention-call';
import type { ComputeProgram } from './compute-program';
import type { Dispatcher } from './dispatcher';
import { ELEMENTWISE_LANES, groupsOf } from './elementwise';

type Heads = Pick<AttentionCall, 'batch' | 'length' | 'heads' | 'headDim'>;

const UNIFORMS = {
  count: 'u32',
  length: 'u32',
  heads: 'u32',
  headDim: 'u32',
  columns: 'u32',
} as const;

/** From `index` in the packed matrix to `part` and `place` in that part's tensor of heads. */
const PLACE = `
  let index = group * SIZE + lane;
  if (index >= u.count) { return; }
  let row = index / u.columns;
  let column = index % u.columns;
  let dim = u.heads * u.headDim;
  let part = column / dim;
  let within = column % dim;
  let sequence = row / u.length * u.heads + within / u.headDim;
  let place = (sequence * u.length + row % u.length) * u.headDim + within % u.headDim;`;

const SPLIT_ONE: ComputeProgram = {
  name: 'matrix to heads',
  inputs: { packed: 'f32' },
  outputs: ['first'],
  uniforms: UNIFORMS,
  workgroupSize: ELEMENTWISE_LANES,
  body: `${PLACE}
  first[place] = packed[index];`,
};

const SPLIT_THREE: ComputeProgram = {
  ...SPLIT_ONE,
  name: 'packed matrix to heads',
  outputs: ['first', 'second', 'third'],
  body: `${PLACE}
  let entry = packed[index];
  if (part == 0u) { first[place] = entry; }
  else if (part == 1u) { second[place] = entry; }
  else { third[place] = entry; }`,
};

const MERGE_ONE: ComputeProgram = {
  ...SPLIT_ONE,
  name: 'heads to matrix',
  inputs: { first: 'f32' },
  outputs: ['packed'],
  body: `${PLACE}
  packed[index] = first[place];`,
};

const MERGE_THREE: ComputeProgram = {
  ...MERGE_ONE,
  name: 'heads to packed matrix',
  inputs: { first: 'f32', second: 'f32', third: 'f32' },
  body: `${PLACE}
  if (part == 0u) { packed[index] = first[place]; }
  else if (part == 1u) { packed[index] = second[place]; }
  else { packed[index] = third[place]; }`,
};

/**
 * The parts of a matrix, one or three side by side, each as `[batch·heads, length, headDim]`.
 *
 * @param x `[batch·length, parts·heads·headDim]`
 */
export function splitHeads(
  dispatcher: Dispatcher,
  x: TensorInfo,
  { parts, ...heads }: Heads & { readonly parts: 1 | 3 },
): TensorInfo[] {
  const shape = [heads.batch * heads.heads, heads.length, heads.headDim];
  return dispatcher.run(parts === 1 ? SPLIT_ONE : SPLIT_THREE, {
    inputs: [x],
    shapes: Array.from({ length: parts }, () => shape),
    ...placed(x.shape, heads),
  });
}

/** The matrix whose parts {@link splitHeads} gave. */
export function mergeHeads(
  dispatcher: Dispatcher,
  parts: readonly TensorInfo[],
  heads: Heads,
): TensorInfo {
  const shape = [heads.batch * heads.length, parts.length * heads.heads * heads.headDim];
  return dispatcher.runOne(parts.length === 1 ? MERGE_ONE : MERGE_THREE, {
    inputs: parts,
    shape,
    ...placed(shape, heads),
  });
}

function placed(
  shape: number[],
  { length, heads, headDim }: Heads,
): { uniforms: Record<string, number>; groups: number } {
  const count = util.sizeFromShape(shape);
  const columns = shape[1] ?? 0;
  return { uniforms: { count, length, heads, headDim, columns }, groups: groupsOf(count) };
}
