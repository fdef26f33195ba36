import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Heap } from '../heap/heap';
import { inputNamed, type KernelCall, type OwnKernel } from '../kernel-call';
import { TensorSteps } from './tensor-steps';

/** The parameters of a block, in the order of their gradients. */
export const BLOCK_PARAMETERS = [
  'norm1Weight',
  'norm1Bias',
  'qkvWeight',
  'qkvBias',
  'outWeight',
  'outBias',
  'norm2Weight',
  'norm2Bias',
  'upWeight',
  'upBias',
  'downWeight',
  'downBias',
] as const;

/** What the gradient needs of the forward pass, in the order of the outputs behind the value. */
export const BLOCK_ACTIVATIONS = [
  'normalised1',
  'mean1',
  'inverse1',
  'packed',
  'probabilities',
  'attended',
  'middle',
  'normalised2',
  'mean2',
  'inverse2',
  'hidden',
  'derivative',
] as const;

type Named<Names extends readonly string[]> = Readonly<Record<Names[number], TensorInfo>>;

/**
 * A pre-norm transformer block (Xiong et al. 2020) and its gradient, each as one kernel that calls those of its layers:
 * with a = x + out(attention(qkv(norm1(x)))), the value is a + down(gelu(up(norm2(a)))).
 */
export function transformerBlockKernels(
  heap: Heap,
  kernels: Readonly<Record<string, OwnKernel>>,
): Record<string, OwnKernel> {
  const steps = new TensorSteps(heap, kernels);
  return {
    PixelisTransformerBlock: ({ inputs, attrs }) => {
      const parameters = named(inputs, BLOCK_PARAMETERS);
      return forward(steps, { x: inputNamed(inputs, 'x'), parameters, attrs });
    },
    PixelisTransformerBlockGradient: ({ inputs, attrs }) =>
      backward(steps, {
        dy: inputNamed(inputs, 'dy'),
        x: inputNamed(inputs, 'x'),
        parameters: named(inputs, BLOCK_PARAMETERS),
        activations: named(inputs, BLOCK_ACTIVATIONS),
        attrs,
      }),
  };
}

interface Forward {
  readonly x: TensorInfo;
  readonly parameters: Named<typeof BLOCK_PARAMETERS>;
  readonly attrs: KernelCall['attrs'];
}

/** The value and the activations. */
function forward(steps: TensorSteps, { x, parameters: p, attrs }: Forward): TensorInfo[] {
  const norm1 = { x, weight: p.norm1Weight, bias: p.norm1Bias };
  const [normalised1, mean1, inverse1] = three(steps.run('PixelisLayerNorm', norm1, attrs));
  const packed = steps.linear(normalised1, p.qkvWeight, p.qkvBias);
  const [attended, probabilities] = two(steps.run('PixelisAttention', { packed }, attrs));
  const middle = steps.linear(attended, p.outWeight, p.outBias);
  steps.add(middle, x);
  const norm2 = { x: middle, weight: p.norm2Weight, bias: p.norm2Bias };
  const [normalised2, mean2, inverse2] = three(steps.run('PixelisLayerNorm', norm2, attrs));
  const up = steps.linear(normalised2, p.upWeight, p.upBias);
  const [hidden, derivative] = two(steps.run('PixelisGelu', { x: up }, { form: 'erf' }));
  steps.free(up);
  const value = steps.linear(hidden, p.downWeight, p.downBias);
  steps.add(value, middle);
  const activations: Named<typeof BLOCK_ACTIVATIONS> = {
    normalised1,
    mean1,
    inverse1,
    packed,
    probabilities,
    attended,
    middle,
    normalised2,
    mean2,
    inverse2,
    hidden,
    derivative,
  };
  return [value, ...BLOCK_ACTIVATIONS.map((name) => activations[name])];
}

interface Backward extends Forward {
  readonly dy: TensorInfo;
  readonly activations: Named<typeof BLOCK_ACTIVATIONS>;
}

/** The gradients of x and of the parameters. */
function backward(
  steps: TensorSteps,
  { dy, x, parameters: p, activations: seen, attrs }: Backward,
): TensorInfo[] {
  const down = steps.linearGradient(dy, seen.hidden, p.downWeight);
  steps.multiply(down.dx, seen.derivative);
  const up = steps.linearGradient(down.dx, seen.normalised2, p.upWeight);
  const [dMiddle, norm2Weight, norm2Bias] = three(
    steps.run('PixelisLayerNormGradient', {
      dy: up.dx,
      x: seen.middle,
      weight: p.norm2Weight,
      mean: seen.mean2,
      inverseDeviation: seen.inverse2,
    }),
  );
  steps.add(dMiddle, dy);
  const out = steps.linearGradient(dMiddle, seen.attended, p.outWeight);
  const dPacked = steps.one(
    'PixelisAttentionGradient',
    { dy: out.dx, packed: seen.packed, probabilities: seen.probabilities },
    attrs,
  );
  const qkv = steps.linearGradient(dPacked, seen.normalised1, p.qkvWeight);
  const [dx, norm1Weight, norm1Bias] = three(
    steps.run('PixelisLayerNormGradient', {
      dy: qkv.dx,
      x,
      weight: p.norm1Weight,
      mean: seen.mean1,
      inverseDeviation: seen.inverse1,
    }),
  );
  steps.add(dx, dMiddle);
  steps.free(down.dx, up.dx, dMiddle, out.dx, dPacked, qkv.dx);
  const gradients: Named<typeof BLOCK_PARAMETERS> = {
    norm1Weight,
    norm1Bias,
    qkvWeight: qkv.dWeight,
    qkvBias: qkv.dBias,
    outWeight: out.dWeight,
    outBias: out.dBias,
    norm2Weight,
    norm2Bias,
    upWeight: up.dWeight,
    upBias: up.dBias,
    downWeight: down.dWeight,
    downBias: down.dBias,
  };
  return [dx, ...BLOCK_PARAMETERS.map((name) => gradients[name])];
}

function named<Names extends readonly string[]>(
  inputs: KernelCall['inputs'],
  names: Names,
): Named<Names> {
  const found: Record<string, TensorInfo> = {};
  for (const name of names) found[name] = inputNamed(inputs, name);
  if (!hasNames(found, names)) throw new TypeError('Cannot name an input of a block twice');
  return found;
}

function hasNames<Names extends readonly string[]>(
  found: Readonly<Record<string, TensorInfo>>,
  names: Names,
): found is Named<Names> {
  return names.every((name) => name in found);
}

function two(outputs: readonly TensorInfo[]): [TensorInfo, TensorInfo] {
  const [first, second] = outputs;
  if (first === undefined || second === undefined) throw new TypeError('A kernel gave too little');
  return [first, second];
}

function three(outputs: readonly TensorInfo[]): [TensorInfo, TensorInfo, TensorInfo] {
  const [first, second, third] = outputs;
  if (first === undefined || second === undefined || third === undefined)
    throw new TypeError('A kernel gave too little');
  return [first, second, third];
}
