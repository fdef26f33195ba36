import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import {
  inputNamed,
  type KernelCall,
  numbersNamed,
  type OwnKernel,
  pairsNamed,
} from '../kernel-call';
import { TensorCopies } from '../shape/tensor-copies';
import { Convolution } from './convolution';
import { DepthwiseConvolution } from './depthwise';
import { FusedActivation } from './fused-activation';
import { GeometryTable } from './geometry';
import { Pooling } from './pooling';
import { volumeGradient } from './volumes';

/** Convolutions, pooling and their gradients. */
export function convolutionKernels(heap: Heap): Record<string, OwnKernel> {
  const table = new GeometryTable(heap);
  return {
    ...plainKernels(heap, table),
    ...depthwiseKernels(heap, table),
    ...poolingKernels(heap, table),
  };
}

function plainKernels(heap: Heap, table: GeometryTable): Record<string, OwnKernel> {
  const convolution = new Convolution(heap, table);
  const channels = new ChannelsLast(heap);
  const fused = new FusedActivation(heap);
  return {
    Conv3DBackpropInputV2: ofFloats(({ inputs, attrs }) => {
      const [dy, filter] = [inputNamed(inputs, 'dy'), inputNamed(inputs, 'filter')];
      return volumeGradient(heap, { dy, filter, attrs });
    }),
    FusedConv2D: channels.around(['x'], 'image', ({ inputs, attrs }) => {
      const [x, filter] = [inputNamed(inputs, 'x'), inputNamed(inputs, 'filter')];
      if (!fused.serves(inputs, attrs, filter.shape[3] ?? 1)) return undefined;
      const y = convolution.convolve(x, filter, { image: x.shape, filter: filter.shape, attrs });
      fused.apply(y, inputs, attrs);
      return y;
    }),
    Conv2D: channels.around(['x'], 'image', ({ inputs, attrs }) => {
      const [x, filter] = [inputNamed(inputs, 'x'), inputNamed(inputs, 'filter')];
      return convolution.convolve(x, filter, { image: x.shape, filter: filter.shape, attrs });
    }),
    Conv2DBackpropInput: channels.around(['dy'], 'image', ({ inputs, attrs }) => {
      const [dy, filter] = [inputNamed(inputs, 'dy'), inputNamed(inputs, 'filter')];
      const image = numbersNamed(attrs, 'inputShape');
      return convolution.inputGradient(dy, filter, { image, filter: filter.shape, attrs });
    }),
    Conv2DBackpropFilter: channels.around(['x', 'dy'], 'filter', ({ inputs, attrs }) => {
      const [x, dy] = [inputNamed(inputs, 'x'), inputNamed(inputs, 'dy')];
      const filter = numbersNamed(attrs, 'filterShape');
      return convolution.filterGradient(x, dy, { image: x.shape, filter, attrs });
    }),
  };
}

function depthwiseKernels(heap: Heap, table: GeometryTable): Record<string, OwnKernel> {
  const depthwise = new DepthwiseConvolution(heap, table);
  const fused = new FusedActivation(heap);
  return {
    FusedDepthwiseConv2D: ofFloats(({ inputs, attrs }) => {
      const [x, filter] = [inputNamed(inputs, 'x'), inputNamed(inputs, 'filter')];
      const [, , channels = 1, multiplier = 1] = filter.shape;
      if (!fused.serves(inputs, attrs, channels * multiplier)) return undefined;
      const y = depthwise.convolve(x, filter, { image: x.shape, filter: filter.shape, attrs });
      fused.apply(y, inputs, attrs);
      return y;
    }),
    DepthwiseConv2dNative: ofFloats(({ inputs, attrs }) => {
      const [x, filter] = [inputNamed(inputs, 'x'), inputNamed(inputs, 'filter')];
      return depthwise.convolve(x, filter, { image: x.shape, filter: filter.shape, attrs });
    }),
    DepthwiseConv2dNativeBackpropInput: ofFloats(({ inputs, attrs }) => {
      const [dy, filter] = [inputNamed(inputs, 'dy'), inputNamed(inputs, 'filter')];
      const image = numbersNamed(attrs, 'inputShape');
      return depthwise.inputGradient(dy, filter, { image, filter: filter.shape, attrs });
    }),
    DepthwiseConv2dNativeBackpropFilter: ofFloats(({ inputs, attrs }) => {
      const [x, dy] = [inputNamed(inputs, 'x'), inputNamed(inputs, 'dy')];
      const filter = numbersNamed(attrs, 'filterShape');
      return depthwise.filterGradient(x, dy, { image: x.shape, filter, attrs });
    }),
  };
}

function poolingKernels(heap: Heap, table: GeometryTable): Record<string, OwnKernel> {
  const pooling = new Pooling(heap, table);
  return {
    MaxPool: ofFloats(({ inputs, attrs }) => pooling.maximum(inputNamed(inputs, 'x'), attrs)),
    MaxPoolGrad: ofFloats(({ inputs, attrs }) =>
      pooling.maximumGradient(inputNamed(inputs, 'dy'), inputNamed(inputs, 'input'), attrs),
    ),
    AvgPool: ofFloats(({ inputs, attrs }) => pooling.mean(inputNamed(inputs, 'x'), attrs)),
    AvgPoolGrad: ofFloats(({ inputs, attrs }) =>
      pooling.meanGradient(inputNamed(inputs, 'dy'), inputNamed(inputs, 'input'), attrs),
    ),
  };
}

/** Leaves calls with other than float32 tensors to tfjs. */
function ofFloats(kernel: (call: KernelCall) => TensorInfo | undefined): OwnKernel {
  return (call) => {
    const tensors = Object.values(call.inputs);
    return tensors.every((one) => one === undefined || one.dtype === 'float32')
      ? kernel(call)
      : undefined;
  };
}

const LAST_OF_FIRST = [0, 2, 3, 1];
const FIRST_OF_LAST = [0, 3, 1, 2];

/** Gives kernels for images [batch, height, width, channels] those of the format NCHW as well, by transposing them. */
class ChannelsLast {
  private readonly copies: TensorCopies;

  constructor(private readonly heap: Heap) {
    this.copies = new TensorCopies(heap);
  }

  /** @param images Names of the inputs that are images. @param result Whether the result is one. */
  around(
    images: readonly string[],
    result: 'image' | 'filter',
    kernel: (call: KernelCall) => TensorInfo | undefined,
  ): OwnKernel {
    return ofFloats((call) => {
      if (call.attrs?.['dataFormat'] !== 'NCHW') return kernel(call);
      const inputs: NamedTensorInfoMap = { ...call.inputs };
      for (const name of images) {
        inputs[name] = this.transposed(inputNamed(call.inputs, name), LAST_OF_FIRST);
      }
      const out = kernel({ ...call, inputs, attrs: attributesLast(call.attrs) });
      for (const name of images) this.heap.free(inputNamed(inputs, name));
      if (result === 'filter' || out === undefined) return out;
      const first = this.transposed(out, FIRST_OF_LAST);
      this.heap.free(out);
      return first;
    });
  }

  private transposed(tensor: TensorInfo, permutation: readonly number[]): TensorInfo {
    const out = this.copies.transpose(tensor, permutation);
    if (out === undefined) throw new TypeError(`Cannot transpose a tensor of type ${tensor.dtype}`);
    return out;
  }
}

/** The attributes of the same convolution with the channels last. */
function attributesLast(attrs: NamedAttrMap): NamedAttrMap {
  const last: NamedAttrMap = { ...attrs, dataFormat: 'NHWC' };
  const shape = numbersNamed(attrs, 'inputShape');
  if (shape.length > 0) last['inputShape'] = LAST_OF_FIRST.map((axis) => shape[axis] ?? 1);
  if (Array.isArray(attrs['pad'])) {
    const pads = pairsNamed(attrs, 'pad');
    last['pad'] = LAST_OF_FIRST.map((axis) => pads[axis] ?? [0, 0]);
  }
  return last;
}
