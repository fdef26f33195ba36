import * as tf from '@tensorflow/tfjs';
import * as fc from 'fast-check';
import { expectParity, someNumbers } from '../../test/backends';
import { type InstalledKernels, installTrainingKernels } from '../index';

type Four = [number, number, number, number];

/** Sizes of a convolution or pooling, small enough to try many, with every kind of padding. */
const geometries = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 9 }),
    inputs: fc.integer({ min: 1, max: 6 }),
    outputs: fc.integer({ min: 1, max: 9 }),
    filterHeight: fc.integer({ min: 1, max: 4 }),
    filterWidth: fc.integer({ min: 1, max: 4 }),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    pad: fc.constantFrom('same' as const, 'valid' as const, 0, 1),
    start: fc.nat({ max: 40 }),
  })
  .filter(
    ({ height, width, filterHeight, filterWidth, pad }) =>
      pad === 'same' || (height >= filterHeight && width >= filterWidth),
  );

describe('convolution kernels', () => {
  let installed: InstalledKernels;

  beforeAll(async () => {
    tf.env().set('IS_TEST', true);
    await tf.setBackend('wasm');
    installed = installTrainingKernels(tf);
  });
  afterAll(() => installed.uninstall());

  it.each(['NHWC', 'NCHW'] as const)(
    'conv2d and both its gradients are those of the plain backend (%s)',
    async (format) => {
      await fc.assert(
        fc.asyncProperty(geometries, async (g) => {
          const image: Four =
            format === 'NHWC'
              ? [g.batch, g.height, g.width, g.inputs]
              : [g.batch, g.inputs, g.height, g.width];
          const filter: Four = [g.filterHeight, g.filterWidth, g.inputs, g.outputs];
          await expectParity(() => {
            const x = tensorOf(image, g.start);
            const w = tensorOf(filter, g.start + 7);
            const convolve = (a: tf.Tensor4D, b: tf.Tensor4D) =>
              tf.conv2d(a, b, g.strides, g.pad, format);
            return withGradients(convolve, x, w, g.start);
          });
        }),
        { numRuns: 25 },
      );
    },
  );

  it('conv2d has the dilations of the plain backend', async () => {
    await fc.assert(
      fc.asyncProperty(geometries, fc.constantFrom(1, 2, 3), async (g, dilation) => {
        await expectParity(() =>
          tf.conv2d(
            tensorOf([g.batch, g.height + 8, g.width + 8, g.inputs], g.start),
            tensorOf([g.filterHeight, g.filterWidth, g.inputs, g.outputs], g.start + 7),
            1,
            g.pad === 1 ? 'same' : g.pad,
            'NHWC',
            dilation,
          ),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('conv2d and its gradients take images that need several blocks of patches', async () => {
    await expectParity(() => {
      const x = tensorOf([2, 40, 40, 24], 1);
      const w = tensorOf([5, 5, 24, 3], 2);
      return withGradients((a, b) => tf.conv2d(a, b, 1, 'same'), x, w, 3);
    });
  });

  it('conv2d takes explicit paddings, in both formats', async () => {
    const pad: [Four[0], Four[0]][] = [
      [0, 0],
      [1, 2],
      [0, 3],
      [0, 0],
    ];
    await expectParity(() =>
      tf.conv2d(tensorOf([1, 5, 4, 2], 1), tensorOf([3, 2, 2, 3], 2), 1, pad as never),
    );
    const first = [pad[0], pad[3], pad[1], pad[2]];
    await expectParity(() =>
      tf.conv2d(tensorOf([1, 2, 5, 4], 1), tensorOf([3, 2, 2, 3], 2), 1, first as never, 'NCHW'),
    );
  });

  it('conv2d takes images without entries', async () => {
    await expectParity(() => tf.conv2d(tensorOf([0, 5, 4, 2], 1), tensorOf([3, 2, 2, 3], 2), 1, 0));
  });

  it('depthwiseConv2d and both its gradients are those of the plain backend', async () => {
    await fc.assert(
      fc.asyncProperty(geometries, fc.integer({ min: 1, max: 3 }), async (g, multiplier) => {
        // tfjs has depthwise convolutions of equal strides only.
        const stride = g.strides[0];
        await expectParity(() => {
          const x = tensorOf([g.batch, g.height, g.width, g.inputs], g.start);
          const w = tensorOf([g.filterHeight, g.filterWidth, g.inputs, multiplier], g.start + 7);
          return withGradients((a, b) => tf.depthwiseConv2d(a, b, stride, g.pad), x, w, g.start);
        });
      }),
      { numRuns: 25 },
    );
  });

  it.each(['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const)(
    'fused.conv2d and fused.depthwiseConv2d have a bias and %s',
    async (activation) => {
      const options = () => ({
        x: tensorOf([2, 5, 4, 3], 1),
        strides: 1,
        pad: 'same' as const,
        activation,
        preluActivationWeights: tensorOf([3], 4),
        leakyreluAlpha: 0.3,
      });
      await expectParity(() => [
        tf.fused.conv2d({
          ...options(),
          filter: tensorOf([2, 3, 3, 3], 2),
          bias: tf.tensor1d([1, -2, 3]),
        }),
        tf.fused.conv2d({ ...options(), filter: tensorOf([2, 3, 3, 3], 2), bias: tf.scalar(-2) }),
        tf.fused.depthwiseConv2d({
          ...options(),
          filter: tensorOf([2, 3, 3, 1], 2),
          bias: tf.tensor1d([1, -2, 3]),
        }),
      ]);
    },
  );

  it.each(['maxPool', 'avgPool'] as const)(
    '%s and its gradient are those of the plain backend',
    async (name) => {
      await fc.assert(
        fc.asyncProperty(geometries, async (g) => {
          const size: [number, number] = [g.filterHeight, g.filterWidth];
          if (g.pad === 1 && Math.min(...size) === 1) return;
          await expectParity(() => {
            const x = tensorOf([g.batch, g.height, g.width, g.inputs], g.start);
            const pool = (a: tf.Tensor4D) => tf[name](a, size, g.strides, g.pad);
            const y = pool(x);
            return [
              y,
              tf.grad(pool as (a: tf.Tensor) => tf.Tensor)(x, tensorOf(y.shape, g.start + 5)),
            ];
          });
        }),
        { numRuns: 25 },
      );
    },
  );

  it('keeps the number of tensors', async () => {
    await tf.setBackend('wasm');
    const step = () =>
      tf.tidy(() => {
        const x = tensorOf([2, 4, 6, 5], 1);
        const w = tensorOf([3, 3, 4, 2], 2);
        void withGradients((a, b) => tf.conv2d(a, b, 1, 'same', 'NCHW'), x, w, 3);
      });
    step();
    const before = tf.memory();
    for (let index = 0; index < 20; index++) step();
    expect(tf.memory()).toEqual(before);
  });
});

function withGradients(
  f: (x: tf.Tensor4D, w: tf.Tensor4D) => tf.Tensor4D,
  x: tf.Tensor4D,
  w: tf.Tensor4D,
  start: number,
): tf.Tensor[] {
  const y = f(x, w);
  const gradients = tf.grads(f as (...tensors: tf.Tensor[]) => tf.Tensor);
  return [y, ...gradients([x, w], tensorOf(y.shape, start + 3))];
}

function tensorOf(shape: Four, start: number): tf.Tensor4D;
function tensorOf(shape: number[], start: number): tf.Tensor;
function tensorOf(shape: number[], start: number): tf.Tensor {
  return tf.tensor(someNumbers(tf.util.sizeFromShape(shape), start), shape);
}
