import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';

import { operandShapes } from '../../test/naive-product';
import { type InstalledKernels, installTrainingKernels } from '../index';
import { asWasmBackend } from '../heap/wasm-backend';

const transposes = [
  { transposeA: false, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: false },
  { transposeA: true, transposeB: true },
];

describe('the matrix product', () => {
  let installed: InstalledKernels | undefined;

  beforeAll(() => tf.setBackend('wasm'));
  beforeEach(() => tf.engine().startScope());
  afterEach(() => {
    tf.engine().endScope();
    uninstall();
  });

  describe.each(transposes)('with $transposeA and $transposeB of transposeA and B', (transpose) => {
    it('equals that of tfjs for all sizes around the tile', () => {
      const cases = [];
      for (let m = 1; m <= 20; m++) {
        for (let n = 1; n <= 20; n++) cases.push({ ...transpose, m, n, k: 1 + ((m * n) % 20) });
      }
      const operands = cases.map((of) => {
        const shapes = operandShapes(of);
        return { of, a: integers(shapes.a), b: integers(shapes.b) };
      });
      const run = () => operands.map(({ a, b, of }) => multiply(a, b, of));
      const expected = run();
      install();
      expect(run()).toEqual(expected);
    });

    it.each([511, 512, 513, 1300])('equals that of tfjs for k = %i', (k) => {
      const shapes = operandShapes({ ...transpose, m: 13, n: 21, k });
      expectAsInTfjs(integers(shapes.a), integers(shapes.b), transpose);
    });

    it.each([50, 51, 320, 321, 700])('equals that of tfjs for %i rows', (m) => {
      const shapes = operandShapes({ ...transpose, m, n: 21, k: 30 });
      expectAsInTfjs(integers(shapes.a), integers(shapes.b), transpose);
    });

    it.each([31, 32, 36, 513])('equals that of tfjs for one row of %i columns', (n) => {
      const shapes = operandShapes({ ...transpose, m: 1, n, k: 30 });
      expectAsInTfjs(integers(shapes.a), integers(shapes.b), transpose);
    });

    it.each([
      { batchA: [], batchB: [3] },
      { batchA: [3], batchB: [] },
      { batchA: [1], batchB: [3] },
      { batchA: [3], batchB: [1] },
      { batchA: [2, 1], batchB: [1, 3] },
      { batchA: [2, 3], batchB: [3] },
      { batchA: [2, 1, 3], batchB: [4, 1] },
      { batchA: [1, 1], batchB: [1] },
    ])('broadcasts batches of [$batchA] and [$batchB]', ({ batchA, batchB }) => {
      const shapes = operandShapes({ ...transpose, m: 6, n: 9, k: 5 });
      const a = integers([...batchA, ...shapes.a]);
      const b = integers([...batchB, ...shapes.b]);
      const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
      const each = (tensor: tf.Tensor, shape: [number, number]) =>
        tf.unstack(tf.reshape(tf.broadcastTo(tensor, [...batch, ...shape]), [-1, ...shape]));
      const [listA, listB] = [each(a, shapes.a), each(b, shapes.b)];
      const expected = listA.flatMap((matrix, index) => [
        ...multiply(matrix, listB[index]!, transpose).values,
      ]);
      install();
      const actual = multiply(a, b, transpose);
      expect(actual.shape).toEqual([...batch, 6, 9]);
      expect([...actual.values]).toEqual(expected);
    });
  });

  it.each([
    { a: [0, 3], b: [3, 4], shape: [0, 4] },
    { a: [2, 3], b: [3, 0], shape: [2, 0] },
    { a: [2, 0], b: [0, 4], shape: [2, 4] },
    { a: [0, 0], b: [0, 0], shape: [0, 0] },
    { a: [0, 2, 3], b: [1, 3, 4], shape: [0, 2, 4] },
    { a: [5, 2, 0], b: [5, 0, 4], shape: [5, 2, 4] },
  ])('of [$a] and [$b] is a tensor of zeros of shape [$shape]', ({ a, b, shape }) => {
    install();
    // Memory that a result without a summand could take over as it is.
    tf.dispose(tf.fill([64], NaN));
    const result = multiply(tf.zeros(a), tf.zeros(b), {});
    expect(result.shape).toEqual(shape);
    expect([...result.values]).toEqual(new Array(tf.util.sizeFromShape(shape)).fill(0));
  });

  it('writes nothing before or behind the result', () => {
    install();
    const { wasm } = asWasmBackend(tf.backend());
    const [a, b] = [tf.ones([7, 300]), tf.ones([300, 13])];
    const guardBytes = 64;
    const guard = new Array(guardBytes).fill(0xff);
    const malloc = wasm._malloc.bind(wasm);
    let start = 0;
    jest.spyOn(wasm, '_malloc').mockImplementationOnce((bytes) => {
      start = malloc(bytes + 2 * guardBytes);
      new Uint8Array(wasm.asm.memory.buffer, start, bytes + 2 * guardBytes).fill(0xff);
      return start + guardBytes;
    });
    const result = tf.matMul(a, b);
    expect([...result.dataSync()]).toEqual(new Array(7 * 13).fill(300));
    const { buffer } = wasm.asm.memory;
    expect([...new Uint8Array(buffer, start, guardBytes)]).toEqual(guard);
    const end = start + guardBytes + 7 * 13 * 4;
    expect([...new Uint8Array(buffer, end, guardBytes)]).toEqual(guard);
    jest.spyOn(wasm, '_free').mockImplementationOnce(() => undefined);
    result.dispose();
    jest.restoreAllMocks();
    wasm._free(start);
  });

  it('carries NaN and infinities by the rules of IEEE 754', () => {
    install();
    const a = tf.tensor2d([[NaN, 1], [Infinity, 1], [-Infinity, 1], [Infinity, -Infinity], [1, 2]]); // prettier-ignore
    const b = tf.tensor2d([[1, 0], [1, 1]]); // prettier-ignore
    const expected = [NaN, NaN, Infinity, NaN, -Infinity, NaN, NaN, NaN, 3, 2];
    expect([...multiply(a, b, {}).values]).toEqual(expected);
  });

  it('gives +0 where all products are -0', () => {
    install();
    const zero = multiply(tf.tensor2d([[-0, -1]]), tf.tensor2d([[1], [0]]), {}).values[0];
    expect(Object.is(zero, 0)).toBe(true);
  });

  describe('fused', () => {
    const a = () => integers([6, 9]);
    const b = () => integers([9, 10]);

    it('adds a bias for each column as tfjs does', () => {
      const args = { a: a(), b: b(), bias: integers([10]) };
      const expected = tf.fused.matMul(args).dataSync();
      install();
      expect(tf.fused.matMul(args).dataSync()).toEqual(expected);
    });

    it('adds one bias to all columns, where tfjs reads what lies behind it', () => {
      install();
      const args = { a: a(), b: b(), bias: tf.tensor1d([5]) };
      const expected = tf.add(tf.matMul(args.a, args.b), args.bias).dataSync();
      expect(tf.fused.matMul(args).dataSync()).toEqual(expected);
    });

    it('adds the bias after the sum, rounded once', () => {
      install();
      const sum = Math.fround(Math.fround(0.1) * 3);
      const result = tf.fused.matMul({
        a: tf.tensor2d([[0.1]]),
        b: tf.tensor2d([[3]]),
        bias: tf.tensor1d([0.7]),
      });
      expect(result.dataSync()[0]).toBe(Math.fround(sum + Math.fround(0.7)));
    });

    it.each(['relu', 'relu6', 'leakyrelu', 'elu', 'sigmoid'] as const)(
      'gives the bits of the product, the sum and %s one after another',
      (activation) => {
        install();
        const args = { a: fractions([3, 6, 9]), b: fractions([3, 9, 11]), bias: fractions([11]) };
        const sum = tf.add(tf.matMul(args.a, args.b), args.bias);
        const steps = {
          relu: () => tf.relu(sum),
          relu6: () => tf.relu6(sum),
          leakyrelu: () => tf.leakyRelu(sum, 0.3),
          elu: () => tf.elu(sum),
          sigmoid: () => tf.sigmoid(sum),
        };
        const fused = tf.fused.matMul({ ...args, activation, leakyreluAlpha: 0.3 });
        expect(fused.dataSync()).toEqual(steps[activation]().dataSync());
      },
    );

    it.each([[[10]], [[1, 10]], [[1]]])(
      'multiplies what is negative by slopes of shape [%j]',
      (shape) => {
        install();
        const preluActivationWeights = fractions(shape);
        const [left, right] = [fractions([6, 9]), fractions([9, 10])];
        const expected = tf.prelu(tf.matMul(left, right), preluActivationWeights).dataSync();
        const args = { a: left, b: right, activation: 'prelu' as const, preluActivationWeights };
        expect(tf.fused.matMul(args).dataSync()).toEqual(expected);
      },
    );

    it('computes as tfjs does', () => {
      const args = { a: integers([6, 9]), b: integers([9, 10]), bias: integers([10]) };
      const all = () =>
        (['relu', 'relu6', 'leakyrelu'] as const).map((activation) =>
          tf.fused.matMul({ ...args, activation }).dataSync(),
        );
      const expected = all();
      install();
      expect(all()).toEqual(expected);
    });

    it('keeps NaN through an activation function', () => {
      install();
      const args = { a: tf.tensor2d([[NaN, 1]]), b: tf.ones<tf.Rank.R2>([2, 9]) };
      for (const activation of ['relu', 'relu6', 'leakyrelu', 'elu', 'sigmoid'] as const) {
        expect([...tf.fused.matMul({ ...args, activation }).dataSync()]).toEqual(
          new Array(9).fill(NaN),
        );
      }
    });

    it('gives an empty result where the product has no entries', () => {
      install();
      const args = {
        a: tf.zeros<tf.Rank.R2>([0, 3]),
        b: tf.zeros<tf.Rank.R2>([3, 4]),
        bias: tf.ones<tf.Rank.R1>([4]),
      };
      const result = tf.fused.matMul({ ...args, activation: 'relu' });
      expect([result.shape, [...result.dataSync()]]).toEqual([[0, 4], []]);
    });

    it('leaves an activation function that it lacks to tfjs', () => {
      install();
      expect(() => callFused(a(), b(), tf.ones([10]), 'swish')).toThrow(/swish/);
    });

    it.each([[[9]], [[2, 10]], [[10, 1]]])('refuses a bias of shape [%j]', (shape) => {
      install();
      expect(() => callFused(a(), b(), tf.ones(shape))).toThrow(RangeError);
    });

    it('refuses a bias that is not float32', () => {
      install();
      expect(() => callFused(a(), b(), tf.ones([10], 'int32'))).toThrow(TypeError);
    });
  });

  it('refuses operands that are not float32', () => {
    install();
    const [whole, real] = [tf.ones([2, 2], 'int32'), tf.ones([2, 2])];
    expect(() => call(whole, real)).toThrow(TypeError);
    expect(() => call(real, whole)).toThrow(/int32/);
  });

  it('refuses inner dimensions that differ, and names them', () => {
    install();
    expect(() => call(tf.ones([2, 3]), tf.ones([4, 5]))).toThrow(RangeError);
    expect(() => call(tf.ones([2, 3]), tf.ones([4, 5]))).toThrow(/\[2,3\].*\[4,5\].*3 and 4/);
  });

  it('refuses batches that do not broadcast', () => {
    install();
    expect(() => call(tf.ones([2, 3, 3]), tf.ones([3, 3, 3]))).toThrow();
  });

  it('refuses a tensor of one dimension', () => {
    install();
    expect(() => call(tf.ones([3]), tf.ones([3, 3]))).toThrow(RangeError);
  });

  it('refuses to write where the heap has no room for the result', () => {
    install();
    const [a, b] = [tf.ones([3, 3]), tf.ones([3, 3])];
    const { numBytes, numTensors } = tf.memory();
    const ids = tf.backend().numDataIds();
    const backend = asWasmBackend(tf.backend());
    jest.spyOn(backend.wasm, '_malloc').mockReturnValueOnce(0);
    expect(() => call(a, b)).toThrow(/heap .* full/);
    jest.restoreAllMocks();
    expect(tf.memory()).toMatchObject({ numBytes, numTensors });
    expect(tf.backend().numDataIds()).toBe(ids);
  });

  function install(): void {
    installed = installTrainingKernels(tf);
  }

  function uninstall(): void {
    installed?.uninstall();
    installed = undefined;
  }

  function expectAsInTfjs(a: tf.Tensor, b: tf.Tensor, transpose: Transpose): void {
    const expected = multiply(a, b, transpose);
    install();
    expect(multiply(a, b, transpose)).toEqual(expected);
  }
});

interface Transpose {
  transposeA?: boolean;
  transposeB?: boolean;
}

function multiply(a: tf.Tensor, b: tf.Tensor, { transposeA, transposeB }: Transpose) {
  const result = tf.matMul(a, b, transposeA, transposeB);
  return { shape: result.shape, values: result.dataSync<'float32'>() };
}

/** The kernel itself: `tf.matMul` refuses some operands before it comes to it. */
function call(a: tf.Tensor, b: tf.Tensor): void {
  tf.getKernel('BatchMatMul', 'wasm').kernelFunc({ inputs: { a, b }, backend: tf.backend() });
}

function callFused(a: tf.Tensor, b: tf.Tensor, bias: tf.Tensor, activation = 'linear'): void {
  tf.getKernel('_FusedMatMul', 'wasm').kernelFunc({
    inputs: { a, b, bias },
    attrs: { activation },
    backend: tf.backend(),
  });
}

/** Small whole numbers of both signs: their sums are exact, whichever order another kernel adds them in. */
function integers(shape: number[]): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, index) => ((index * 7 + 3) % 19) - 9),
    shape,
  );
}

/** Values whose sums are rounded. */
function fractions(shape: number[]): tf.Tensor {
  return tf.mul(integers(shape), 0.1);
}
