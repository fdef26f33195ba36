import { slice_util } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import {
  axesNamed,
  extentsNamed,
  inputNamed,
  type KernelCall,
  type KernelOutputs,
  listedInputs,
  numbersNamed,
  type OwnKernel,
  pairsNamed,
} from '../kernel-call';
import { TensorCopies } from './tensor-copies';

/** tfjs's kernels that move entries without computing. */
export function shapeKernels(heap: Heap): Record<string, OwnKernel> {
  const copies = new TensorCopies(heap);
  return {
    Concat: ({ inputs, attrs }) => copies.concat(listedInputs(inputs), Number(attrs?.['axis'])),
    // Tensors never change, so a copy may have the same values; tfjs itself copies them, also to keep them for a gradient.
    Identity: ({ inputs }) => {
      const x = inputNamed(inputs, 'x');
      return heap.share(x, x.shape);
    },
    Pack: ({ inputs, attrs }) => copies.stack(listedInputs(inputs), Number(attrs?.['axis'])),
    PadV2: ({ inputs, attrs }) =>
      copies.pad(
        inputNamed(inputs, 'x'),
        pairsNamed(attrs, 'paddings'),
        Number(attrs?.['constantValue']),
      ),
    Reverse: ({ inputs, attrs }) => {
      const x = inputNamed(inputs, 'x');
      return copies.reverse(x, axesNamed(attrs, 'dims', x.shape));
    },
    Slice: ({ inputs, attrs }) =>
      copies.slice(
        inputNamed(inputs, 'x'),
        extentsNamed(attrs, 'begin'),
        attrs?.['size'] === undefined ? undefined : extentsNamed(attrs, 'size'),
      ),
    SplitV: ({ inputs, attrs }) =>
      copies.split(
        inputNamed(inputs, 'x'),
        extentsNamed(attrs, 'numOrSizeSplits'),
        Number(attrs?.['axis']),
      ),
    StridedSlice: (call) => stridedSlice(copies, call),
    Tile: ({ inputs, attrs }) => copies.tile(inputNamed(inputs, 'x'), numbersNamed(attrs, 'reps')),
    Transpose: ({ inputs, attrs }) =>
      copies.transpose(inputNamed(inputs, 'x'), numbersNamed(attrs, 'perm')),
    Unpack: ({ inputs, attrs }) =>
      copies.unstack(inputNamed(inputs, 'value'), Number(attrs?.['axis'])),
  };
}

function stridedSlice(
  copies: TensorCopies,
  { inputs, attrs }: KernelCall,
): KernelOutputs | undefined {
  const x = inputNamed(inputs, 'x');
  const info = slice_util.sliceInfo(
    x.shape,
    numbersNamed(attrs, 'begin'),
    numbersNamed(attrs, 'end'),
    numbersNamed(attrs, 'strides'),
    Number(attrs?.['beginMask']),
    Number(attrs?.['endMask']),
    Number(attrs?.['ellipsisMask']),
    Number(attrs?.['newAxisMask']),
    Number(attrs?.['shrinkAxisMask']),
  );
  // tfjs shares the entries of a slice that takes all of them.
  if (info.isIdentity) return undefined;
  const extents = slice_util.computeOutShape(info.begin, info.end, info.strides);
  return copies.stridedSlice(x, {
    begin: info.begin,
    strides: info.strides,
    extents,
    shape: info.finalShape,
  });
}
