import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '../../src/index';

/** One expression of TensorFlow.js, of inputs that a step is given. */
export interface OperationCase {
  readonly name: string;
  readonly inputs: () => Tensors;
  readonly run: (inputs: Tensors) => tf.Tensor | tf.Tensor[];
  /** The operation that a fallback must name, where XLA or the recording cannot do it. */
  readonly fallback?: string;
}

type Unary = (x: tf.Tensor) => tf.Tensor | tf.Tensor[];
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** Values between `low` and `high`, the same at every call. */
function values(shape: number[], [low, high]: readonly [number, number] = [-2, 2]): tf.Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const data = Float32Array.from({ length: size }, (_, index) => {
    const hashed = Math.imul(index + 1, 0x9e3779b1) >>> 0;
    return low + ((high - low) * hashed) / 2 ** 32;
  });
  return tf.tensor(data, shape);
}

function given(inputs: Tensors, name: string): tf.Tensor {
  const tensor = inputs[name];
  if (tensor === undefined) throw new TypeError(`Cannot run a case: it must have input ${name}`);
  return tensor;
}

function unary(
  name: string,
  run: Unary,
  {
    shape = [3, 4],
    range = [-2, 2],
    fallback,
  }: { shape?: number[]; range?: readonly [number, number]; fallback?: string } = {},
): OperationCase {
  return {
    name,
    inputs: () => ({ x: values(shape, range) }),
    run: (inputs) => run(given(inputs, 'x')),
    ...(fallback === undefined ? {} : { fallback }),
  };
}

function binary(
  name: string,
  run: Binary,
  {
    a = [3, 4],
    b = [3, 4],
    range = [-2, 2],
  }: { a?: number[]; b?: number[]; range?: readonly [number, number] } = {},
): OperationCase {
  return {
    name,
    inputs: () => ({ a: values(a, range), b: values(b, [range[1], range[0]]) }),
    run: (inputs) => run(given(inputs, 'a'), given(inputs, 'b')),
  };
}

/** The gradient of the sum of squares, so that what comes back into the operation is not one and the same number. */
function gradient(
  name: string,
  run: (x: tf.Tensor) => tf.Tensor,
  options: { shape?: number[]; range?: readonly [number, number] } = {},
): OperationCase {
  return unary(
    `gradient of ${name}`,
    (x) => tf.grad((y: tf.Tensor) => run(y).square().sum())(x),
    options,
  );
}

const POSITIVE = [0.1, 3] as const;
const UNIT = [-0.9, 0.9] as const;

const UNARY: readonly [string, (x: tf.Tensor) => tf.Tensor, (readonly [number, number])?][] = [
  ['abs', tf.abs],
  ['acos', tf.acos, UNIT],
  ['acosh', tf.acosh, [1.1, 3]],
  ['asin', tf.asin, UNIT],
  ['asinh', tf.asinh],
  ['atan', tf.atan],
  ['atanh', tf.atanh, UNIT],
  ['clipByValue', (x) => tf.clipByValue(x, -1, 1)],
  ['cos', tf.cos],
  ['cosh', tf.cosh],
  ['elu', tf.elu],
  ['erf', tf.erf],
  ['exp', tf.exp],
  ['expm1', tf.expm1],
  ['leakyRelu', (x) => tf.leakyRelu(x, 0.1)],
  ['log', tf.log, POSITIVE],
  ['log1p', tf.log1p, POSITIVE],
  ['logSigmoid', tf.logSigmoid],
  ['logSoftmax', (x) => tf.logSoftmax(x)],
  ['neg', tf.neg],
  ['prelu', (x) => tf.prelu(x, tf.scalar(0.2))],
  ['reciprocal', tf.reciprocal, POSITIVE],
  ['relu', tf.relu],
  ['relu6', tf.relu6],
  ['rsqrt', tf.rsqrt, POSITIVE],
  ['selu', tf.selu],
  ['sigmoid', tf.sigmoid],
  ['sin', tf.sin],
  ['sinh', tf.sinh],
  ['softmax', (x) => tf.softmax(x)],
  ['softplus', tf.softplus],
  ['sqrt', tf.sqrt, POSITIVE],
  ['square', tf.square],
  ['tan', tf.tan, UNIT],
  ['tanh', tf.tanh],
  ['sum', (x) => tf.sum(x, 1)],
  ['mean', (x) => tf.mean(x, 0, true)],
  ['max', (x) => tf.max(x, 1)],
  ['min', (x) => tf.min(x, 0)],
  ['prod', (x) => tf.prod(x, 1)],
  ['logSumExp', (x) => tf.logSumExp(x, 1)],
  ['cumsum', (x) => tf.cumsum(x, 1)],
  ['transpose', (x) => tf.transpose(x)],
  ['reshape', (x) => tf.reshape(x, [2, 6])],
  ['expandDims', (x) => tf.expandDims(x, 1)],
  ['squeeze', (x) => tf.squeeze(x.expandDims(0), [0])],
  ['slice', (x) => tf.slice(x, [1, 1], [2, 2])],
  [
    'pad',
    (x) =>
      tf.pad(
        x,
        [
          [1, 0],
          [2, 1],
        ],
        0.5,
      ),
  ],
  [
    'mirrorPad',
    (x) =>
      tf.mirrorPad(
        x,
        [
          [1, 1],
          [1, 1],
        ],
        'reflect',
      ),
  ],
  ['tile', (x) => tf.tile(x, [2, 3])],
  ['reverse', (x) => tf.reverse(x, 1)],
  ['broadcastTo', (x) => tf.broadcastTo(x, [2, 3, 4])],
  ['clone', (x) => tf.clone(x)],
  ['gather', (x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'))],
  ['concat', (x) => tf.concat([x, x.neg()], 1)],
  ['stack', (x) => tf.stack([x, x.neg()], 1)],
  ['where', (x) => tf.where(tf.tensor1d([1, 0, 1, 1], 'bool'), x, x.mul(2))],
  ['norm', (x) => tf.norm(x)],
];

/** Without a gradient, or of types other than float32. */
const PLAIN: readonly OperationCase[] = [
  unary('stridedSlice', (x) => tf.stridedSlice(x, [0, 3], [3, 0], [2, -1])),
  ...(
    [
      'ceil',
      'floor',
      'round',
      'sign',
      'step',
      'zerosLike',
      'onesLike',
      'isNaN',
      'isInf',
      'isFinite',
    ] as const
  ).map((name) => unary(name, (x) => tf[name](x))),
  unary('argMax', (x) => tf.argMax(x, 1)),
  unary('argMin', (x) => tf.argMin(x, 0)),
  unary('topk', (x) => Object.values(tf.topk(x, 2))),
  unary('split', (x) => tf.split(x, 2, 1)),
  unary('split by sizes', (x) => tf.split(x, [1, 3], 1)),
  unary('unstack', (x) => tf.unstack(x, 0)),
  unary('cast to int32', (x) => x.mul(3).toInt()),
  unary('cast to bool', (x) => x.relu().toBool()),
  unary('oneHot', (x) => tf.oneHot(x.abs().floor().toInt().flatten().slice(0, 5), 4)),
  unary('all', (x) => tf.all(x.greater(-3), 1)),
  unary('any', (x) => tf.any(x.greater(1), 1)),
  unary('logicalNot', (x) => tf.logicalNot(x.greater(0))),
  unary('cumsum reversed and exclusive', (x) => tf.cumsum(x, 1, true, true)),
  unary('cumprod', (x) => tf.cumprod(x, 1)),
  unary('gatherND', (x) =>
    tf.gatherND(
      x,
      tf.tensor2d(
        [
          [0, 1],
          [2, 3],
        ],
        [2, 2],
        'int32',
      ),
    ),
  ),
  unary('scatterND', (x) => tf.scatterND(tf.tensor2d([[1], [3], [1]], [3, 1], 'int32'), x, [5, 4])),
  unary('tensorScatterUpdate', (x) =>
    tf.tensorScatterUpdate(x, tf.tensor2d([[1]], [1, 1], 'int32'), tf.ones([1, 4])),
  ),
  unary('unsortedSegmentSum', (x) => tf.unsortedSegmentSum(x, tf.tensor1d([1, 0, 1], 'int32'), 3)),
  unary('bincount', (x) => tf.bincount(x.abs().floor().toInt().flatten(), tf.tensor1d([]), 4)),
  unary('linspace', (x) => x.add(tf.linspace(0, 1, 4))),
  unary('range', (x) => x.add(tf.range(0, 4))),
  unary('eye', (x) => tf.matMul(x, tf.eye(4))),
  unary('fill', (x) => x.add(tf.fill([3, 4], 2))),
  unary('diag', (x) => tf.diag(x.flatten())),
  unary('moments', (x) => Object.values(tf.moments(x, 1))),
  unary('localResponseNormalization', (x) => tf.localResponseNormalization(x.as4D(1, 1, 3, 4), 2)),
  unary(
    'batchToSpaceND',
    (x) =>
      tf.batchToSpaceND(
        x,
        [2, 2],
        [
          [0, 0],
          [0, 0],
        ],
      ),
    { shape: [4, 2, 2, 1] },
  ),
  unary(
    'spaceToBatchND',
    (x) =>
      tf.spaceToBatchND(
        x,
        [2, 2],
        [
          [0, 0],
          [0, 0],
        ],
      ),
    { shape: [1, 4, 4, 1] },
  ),
  unary('depthToSpace', (x) => tf.depthToSpace(x.as4D(1, 2, 2, 4), 2, 'NHWC'), {
    shape: [1, 2, 2, 4],
  }),
  unary('resizeBilinear', (x) => tf.image.resizeBilinear(x.as4D(1, 4, 4, 1), [8, 8]), {
    shape: [1, 4, 4, 1],
  }),
  unary(
    'resizeNearestNeighbor',
    (x) => tf.image.resizeNearestNeighbor(x.as4D(1, 4, 4, 1), [8, 8]),
    { shape: [1, 4, 4, 1] },
  ),
  unary('einsum', (x) => tf.einsum('ij,kj->ik', x, x)),
  unary('fft', (x) => tf.real(tf.spectral.fft(tf.complex(x, x)))),
  unary('dropout with a seed', (x) => tf.dropout(x, 0.5, undefined, 7)),
  unary('sparseToDense', (x) =>
    tf.sparseToDense(tf.tensor1d([1, 3], 'int32'), x.flatten().slice(0, 2), [5], 0),
  ),
];

const BINARY: readonly OperationCase[] = [
  ...(
    [
      'add',
      'sub',
      'mul',
      'div',
      'divNoNan',
      'maximum',
      'minimum',
      'squaredDifference',
      'atan2',
      'floorDiv',
      'mod',
    ] as const
  ).map((name) => binary(name, (a, b) => tf[name](a, b))),
  ...(['equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual'] as const).map((name) =>
    binary(name, (a, b) => tf[name](a, b)),
  ),
  ...(['logicalAnd', 'logicalOr', 'logicalXor'] as const).map((name) =>
    binary(name, (a, b) => tf[name](a.greater(0), b.greater(0))),
  ),
  binary('pow', tf.pow, { range: POSITIVE }),
  binary('add with broadcasting', tf.add, { a: [2, 3, 4], b: [4] }),
  binary('int32 products', (a, b) => a.mul(5).toInt().mul(b.mul(5).toInt())),
  binary('matMul', (a, b) => tf.matMul(a, b), { b: [4, 5] }),
  binary('matMul transposed on the left', (a, b) => tf.matMul(a, b, true, false)),
  binary('matMul transposed on the right', (a, b) => tf.matMul(a, b, false, true)),
  binary('batched matMul', (a, b) => tf.matMul(a, b), { a: [2, 3, 4], b: [2, 4, 5] }),
  binary(
    'fused.matMul',
    (a, b) => tf.fused.matMul({ a, b, bias: tf.ones([5]), activation: 'relu' }),
    { b: [4, 5] },
  ),
  binary('outerProduct', (a, b) => tf.outerProduct(a.flatten().as1D(), b.flatten().as1D())),
  binary('dot', (a, b) => tf.dot(a, b), { b: [4, 2] }),
  binary('conv2d', (x, w) => tf.conv2d(x.as4D(1, 6, 6, 2), w.as4D(3, 3, 2, 3), 1, 'same'), {
    a: [1, 6, 6, 2],
    b: [3, 3, 2, 3],
  }),
  binary(
    'conv2d with strides',
    (x, w) => tf.conv2d(x.as4D(1, 6, 6, 2), w.as4D(2, 2, 2, 3), 2, 'valid'),
    { a: [1, 6, 6, 2], b: [2, 2, 2, 3] },
  ),
  binary(
    'fused.conv2d',
    (x, w) =>
      tf.fused.conv2d({
        x: x.as4D(1, 6, 6, 2),
        filter: w.as4D(3, 3, 2, 3),
        strides: 1,
        pad: 'same',
        bias: tf.ones([3]),
        activation: 'relu',
      }),
    { a: [1, 6, 6, 2], b: [3, 3, 2, 3] },
  ),
  binary(
    'depthwiseConv2d',
    (x, w) => tf.depthwiseConv2d(x.as4D(1, 6, 6, 2), w.as4D(3, 3, 2, 1), 1, 'same'),
    { a: [1, 6, 6, 2], b: [3, 3, 2, 1] },
  ),
  binary('softmaxCrossEntropy', (a, b) => tf.losses.softmaxCrossEntropy(tf.softmax(a), b)),
  binary('meanSquaredError', (a, b) => tf.losses.meanSquaredError(a, b)),
  {
    name: 'gather by indices that are inputs',
    inputs: () => ({ x: values([5, 3]), indices: tf.tensor1d([4, 0, 2, 4], 'int32') }),
    run: (inputs) => tf.gather(given(inputs, 'x'), given(inputs, 'indices').toInt()),
  },
  {
    name: 'where with broadcast conditions',
    inputs: () => ({
      x: values([2, 3]),
      keep: tf.tensor2d(
        [
          [1, 0, 1],
          [0, 1, 0],
        ],
        [2, 3],
        'bool',
      ),
    }),
    run: (inputs) => tf.where(given(inputs, 'keep'), given(inputs, 'x'), tf.scalar(-1e9)),
  },
];

const POOLING: readonly OperationCase[] = [
  unary('maxPool', (x) => tf.maxPool(x.as4D(1, 4, 4, 2), 2, 2, 'valid'), { shape: [1, 4, 4, 2] }),
  unary('avgPool', (x) => tf.avgPool(x.as4D(1, 4, 4, 2), 2, 2, 'same'), { shape: [1, 4, 4, 2] }),
  gradient('maxPool', (x) => tf.maxPool(x.as4D(1, 4, 4, 2), 2, 2, 'valid'), {
    shape: [1, 4, 4, 2],
  }),
  gradient('avgPool', (x) => tf.avgPool(x.as4D(1, 4, 4, 2), 2, 2, 'valid'), {
    shape: [1, 4, 4, 2],
  }),
  gradient('conv2d', (x) => tf.conv2d(x.as4D(1, 6, 6, 2), tf.ones([3, 3, 2, 3]), 1, 'same'), {
    shape: [1, 6, 6, 2],
  }),
  gradient(
    'conv2d by its filter',
    (w) => tf.conv2d(tf.ones<tf.Rank.R4>([1, 6, 6, 2]), w.as4D(3, 3, 2, 3), 1, 'same'),
    { shape: [3, 3, 2, 3] },
  ),
  gradient('matMul', (x) => tf.matMul(x, x, false, true)),
  gradient('resizeBilinear', (x) => tf.image.resizeBilinear(x.as4D(1, 4, 4, 1), [8, 8]), {
    shape: [1, 4, 4, 1],
  }),
];

/** What cannot be compiled, and the operation that the message names. */
const FALLBACKS: readonly OperationCase[] = [
  unary('randomNormal', (x) => x.add(tf.randomNormal([3, 4])), { fallback: 'Add' }),
  unary('a value read back', (x) => x.mul(x.max().dataSync()[0] ?? 0), { fallback: 'Max' }),
  unary('an input read back', (x) => x.mul(x.dataSync()[0] ?? 0), { fallback: 'x' }),
  unary(
    'cropAndResize',
    (x) =>
      tf.image.cropAndResize(
        x.as4D(1, 3, 4, 1),
        tf.tensor2d([[0, 0, 1, 1]]),
        tf.tensor1d([0], 'int32'),
        [2, 2],
      ),
    { fallback: 'CropAndResize' },
  ),
  unary('unique', (x) => tf.unique(x.flatten()).values, { fallback: 'UniqueV2' }),
];

export const OPERATION_CASES: readonly OperationCase[] = [
  ...UNARY.map(([name, run, range]) => unary(name, run, range === undefined ? {} : { range })),
  ...UNARY.filter(([name]) => name !== 'clipByValue' && name !== 'prod').map(([name, run, range]) =>
    gradient(name, run, range === undefined ? {} : { range }),
  ),
  ...PLAIN,
  ...BINARY,
  ...POOLING,
  ...FALLBACKS,
];
