import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { type InstalledKernels, installTrainingKernels } from '../src';
import { expectParity, someNumbers } from './backends';

type Operation = (x: tf.Tensor) => tf.Tensor;

/**
 * What has a gradient kernel of tfjs or of ours, or a gradient that goes through kernels which wasm lacked. The plain backend
 * is wrong for nearest neighbours in a batch and for bilinear images that are not square: those have one, and square
 * ones. Dilation of negative values is wrong in tfjs on wasm: it has positive ones.
 */
const operations: Record<string, { shape: number[]; f: Operation }> = {
  avgPool3d: { shape: [2, 4, 4, 4, 3], f: (x) => tf.avgPool3d(x as tf.Tensor5D, 2, 2, 'same') },
  batchNorm: {
    shape: [2, 3, 4, 3],
    f: (x) =>
      tf.batchNorm(x, numbers(2, 3, 4, 3), numbers(2, 3, 4, 3).square(), numbers(2, 3, 4, 3), numbers(2, 3, 4, 3), 1e-2),
  },
  batchToSpaceND: { shape: [4, 2, 3, 2], f: (x) => tf.batchToSpaceND(x as tf.Tensor4D, [2, 2], [[0, 1], [1, 0]]) },
  broadcastTo: { shape: [3, 1, 4], f: (x) => tf.broadcastTo(x, [2, 3, 5, 4]) },
  conv1d: { shape: [2, 7, 3], f: (x) => tf.conv1d(x as tf.Tensor3D, numbers(3, 3, 4) as tf.Tensor3D, 2, 'same') },
  conv3d: { shape: [2, 3, 4, 3, 2], f: (x) => tf.conv3d(x as tf.Tensor5D, numbers(2, 2, 2, 2, 3) as tf.Tensor5D, 1, 'same') },
  'conv3d filter': { shape: [2, 2, 2, 2, 3], f: (w) => tf.conv3d(numbers(2, 3, 4, 3, 2) as tf.Tensor5D, w as tf.Tensor5D, 1, 'same') },
  conv2dTranspose: { shape: [2, 4, 4, 3], f: (x) => tf.conv2dTranspose(x as tf.Tensor4D, numbers(3, 3, 4, 3) as tf.Tensor4D, [2, 8, 8, 4], 2, 'same') },
  'conv2dTranspose filter': { shape: [3, 3, 4, 3], f: (w) => tf.conv2dTranspose(numbers(2, 4, 4, 3) as tf.Tensor4D, w as tf.Tensor4D, [2, 8, 8, 4], 2, 'same') },
  cumsum: { shape: [3, 4, 5], f: (x) => tf.cumsum(x, 2, true, true) },
  dilation2d: { shape: [2, 5, 5, 3], f: (x) => tf.dilation2d(x.add<tf.Tensor4D>(9), numbers(2, 2, 3) as tf.Tensor3D, 1, 'valid') },
  'dilation2d filter': { shape: [2, 2, 3], f: (w) => tf.dilation2d(numbers(2, 5, 5, 3).add<tf.Tensor4D>(9), w as tf.Tensor3D, 1, 'valid') },
  gather: { shape: [5, 3, 2], f: (x) => tf.gather(x, tf.tensor1d([4, 0, 4], 'int32')) },
  localResponseNormalization: { shape: [2, 3, 3, 6], f: (x) => tf.localResponseNormalization(x as tf.Tensor4D) },
  max: { shape: [3, 4, 5], f: (x) => tf.max(x, [0, 2]) },
  maxPool3d: { shape: [2, 4, 4, 4, 3], f: (x) => tf.maxPool3d(x as tf.Tensor5D, 2, 2, 'same') },
  mirrorPad: { shape: [3, 4, 5], f: (x) => tf.mirrorPad(x, [[0, 0], [1, 2], [2, 0]], 'reflect') },
  prelu: { shape: [3, 4, 5], f: (x) => tf.prelu(x, numbers(5)) },
  prod: { shape: [3, 4], f: (x) => tf.prod(x, 1) },
  resizeBilinear: { shape: [2, 4, 4, 3], f: (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [7, 5]) },
  'resizeBilinear, aligned': { shape: [2, 4, 4, 3], f: (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [7, 5], true) },
  resizeNearestNeighbor: { shape: [1, 4, 3, 3], f: (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [7, 5]) },
  'resizeNearestNeighbor, aligned': { shape: [1, 4, 3, 3], f: (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [7, 5], true) },
  'resizeNearestNeighbor to fewer': { shape: [1, 8, 7, 2], f: (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [3, 4]) },
  separableConv2d: { shape: [2, 5, 5, 2], f: (x) => tf.separableConv2d(x as tf.Tensor4D, numbers(3, 3, 2, 2) as tf.Tensor4D, numbers(1, 1, 4, 3) as tf.Tensor4D, 1, 'same') },
  softmax: { shape: [3, 4, 5], f: (x) => tf.softmax(x) },
  logSoftmax: { shape: [3, 5], f: (x) => tf.logSoftmax(x) },
  spaceToBatchND: { shape: [1, 4, 6, 2], f: (x) => tf.spaceToBatchND(x as tf.Tensor4D, [2, 2], [[0, 0], [0, 0]]) },
  stack: { shape: [3, 4], f: (x) => tf.stack([x, x.square()], 1) },
  'strided slice': { shape: [5, 6], f: (x) => tf.slice(x, [1, 2], [3, 4]) },
  tile: { shape: [2, 3], f: (x) => tf.tile(x, [3, 2]) },
  transpose: { shape: [2, 3, 4], f: (x) => tf.transpose(x, [2, 0, 1]) },
  unsortedSegmentSum: { shape: [5, 3], f: (x) => tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2, 1, 2], 'int32'), 4) },
  unstack: { shape: [3, 4], f: (x) => tf.addN(tf.unstack(x, 1).map((one) => one.square())) },
  where: { shape: [3, 4], f: (x) => tf.where(numbers(3, 4).greater(0), x.square(), x.neg()) },
}; // prettier-ignore

describe('gradients over the wasm backend with our kernels', () => {
  let installed: InstalledKernels;

  beforeAll(async () => {
    tf.env().set('IS_TEST', true);
    await tf.setBackend('wasm');
    installed = installTrainingKernels(tf);
  });
  afterAll(() => installed.uninstall());

  it.each(Object.entries(operations))(
    '%s is that of the plain backend',
    async (_name, { shape, f }) => {
      await expectParity(() => {
        const x = numbers(...shape);
        const y = f(x);
        return [y, tf.grad(f)(x, numbers(...y.shape))];
      });
    },
  );
});

function numbers(...shape: number[]): tf.Tensor {
  return tf.tensor(someNumbers(tf.util.sizeFromShape(shape), 3), shape);
}
