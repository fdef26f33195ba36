import {
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';

/** The last steps of tfjs's fused convolutions: a bias, then an activation function, on results [..., channels]. */
export class FusedActivation {
  private readonly kernels;

  constructor(private readonly heap: Heap) {
    this.kernels = heap.functions(
      'applyAdd',
      'applyElu',
      'applyLeakyRelu',
      'applyPrelu',
      'applyRelu',
      'applyRelu6',
      'applySigmoid',
    );
  }

  /** Whether {@link apply} has that bias and that function; each must be one value, or one for each channel. */
  serves(inputs: NamedTensorInfoMap, attrs: NamedAttrMap | undefined, channels: number): boolean {
    const { bias, preluActivationWeights: slopes } = inputs;
    const isFunction = attrs?.['activation'] === 'prelu' || this.functionOf(attrs) !== undefined;
    return isFunction && [bias, slopes].every((one) => !one || isPerChannel(one, channels));
  }

  /** Changes `y` where it lies. */
  apply(y: TensorInfo, inputs: NamedTensorInfoMap, attrs: NamedAttrMap | undefined): void {
    const channels = y.shape.at(-1) ?? 1;
    const count = util.sizeFromShape(y.shape);
    if (count === 0) return;
    const { bias, preluActivationWeights: slopes } = inputs;
    const address = this.heap.address(y);
    if (bias) {
      const [from, step] = [this.heap.address(bias), stepOf(bias)];
      this.kernels.applyAdd(
        count / channels, channels, address, channels, 1, from, 0, step, address,
      ); // prettier-ignore
    }
    if (attrs?.['activation'] === 'prelu' && slopes) {
      const [from, step] = [this.heap.address(slopes), stepOf(slopes)];
      this.kernels.applyPrelu(
        count / channels, channels, address, channels, 1, from, 0, step, address,
      ); // prettier-ignore
      return;
    }
    this.functionOf(attrs)?.(count, address);
  }

  /** The activation function of that name, on `count` values where they lie. */
  private functionOf(
    attrs: NamedAttrMap | undefined,
  ): ((count: number, address: number) => void) | undefined {
    const { kernels } = this;
    switch (attrs?.['activation']) {
      case 'linear':
        return () => undefined;
      case 'elu':
        return (count, at) => kernels.applyElu(count, at, at);
      case 'leakyrelu':
        return (count, at) =>
          kernels.applyLeakyRelu(count, at, at, Number(attrs['leakyreluAlpha'] ?? 0.2));
      case 'relu':
        return (count, at) => kernels.applyRelu(count, at, at);
      case 'relu6':
        return (count, at) => kernels.applyRelu6(count, at, at);
      case 'sigmoid':
        return (count, at) => kernels.applySigmoid(count, at, at);
      default:
        return undefined;
    }
  }
}

/** One value, or one for each channel, whichever axis of theirs it is on. */
function isPerChannel({ shape, dtype }: TensorInfo, channels: number): boolean {
  const size = util.sizeFromShape(shape);
  const isOneAxis = shape.filter((extent) => extent !== 1).length <= 1;
  return dtype === 'float32' && isOneAxis && (size === 1 || size === channels);
}

function stepOf({ shape }: TensorInfo): number {
  return util.sizeFromShape(shape) === 1 ? 0 : 1;
}
