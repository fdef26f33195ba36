import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { EnvironmentError } from '@pixelis/core';

import { type InstalledKernels, installTrainingKernels } from './index';
import { asWasmBackend } from './heap/wasm-backend';

/** Some that tfjs has as well. */
const REPLACED = ['BatchMatMul', '_FusedMatMul', 'Conv2D', 'GatherV2', 'Sum', 'Transpose'];

/** Some that it lacks on wasm. */
const ADDED = [
  'Conv2DBackpropFilter',
  'DepthwiseConv2dNativeBackpropInput',
  'Einsum',
  'UnsortedSegmentSum',
];

describe('installTrainingKernels()', () => {
  let installed: InstalledKernels | undefined;

  // Silences the advice to install the native backend.
  beforeAll(() => tf.env().set('IS_TEST', true));
  beforeEach(() => tf.setBackend('wasm'));
  afterEach(() => installed?.uninstall());

  it('names the kernels that it replaced in tfjs or added to it, and touches no other', () => {
    const before = new Map(tf.getKernelsForBackend('wasm').map((one) => [one.kernelName, one]));
    installed = installTrainingKernels(tf);
    const changed = tf
      .getKernelsForBackend('wasm')
      .filter((one) => before.get(one.kernelName) !== one)
      .map((one) => one.kernelName);
    expect([...installed.names].sort()).toEqual(changed.sort());
    expect(installed.names).toEqual(expect.arrayContaining(REPLACED));
    expect(installed.names).toEqual(expect.arrayContaining(ADDED));
    expect(REPLACED.filter((name) => !before.has(name))).toEqual([]);
    expect(ADDED.filter((name) => before.has(name))).toEqual([]);
  });

  it('takes away on uninstall() what it added', () => {
    const before = tf.getKernelsForBackend('wasm').length;
    installTrainingKernels(tf).uninstall();
    expect(tf.getKernelsForBackend('wasm')).toHaveLength(before);
    expect(tf.getKernel(ADDED[0]!, 'wasm')).toBeUndefined();
  });

  it('puts back the very kernels of tfjs on uninstall(), also when called twice', () => {
    const stock = configs();
    const kernels = installTrainingKernels(tf);
    expect(configs()).not.toEqual(stock);
    kernels.uninstall();
    kernels.uninstall();
    configs().forEach((config, index) => expect(config).toBe(stock[index]));
  });

  it('returns the kernels in place when they are installed already', () => {
    const stock = configs();
    installed = installTrainingKernels(tf);
    const present = configs();
    expect(installTrainingKernels(tf)).toBe(installed);
    configs().forEach((config, index) => expect(config).toBe(present[index]));
    installed.uninstall();
    configs().forEach((config, index) => expect(config).toBe(stock[index]));
  });

  it('can install again after uninstall()', () => {
    const first = installTrainingKernels(tf);
    first.uninstall();
    installed = installTrainingKernels(tf);
    expect(installed).not.toBe(first);
    // The first one is over: it must not undo the second.
    first.uninstall();
    expect(installTrainingKernels(tf)).toBe(installed);
    expect(dot([1, 2], [3, 4])).toBe(11);
  });

  it('refuses a backend that is not initialised', () => {
    const absent = { ...tf, findBackend: () => null };
    expect(() => installTrainingKernels(absent as unknown as typeof tf)).toThrow(TypeError);
  });

  it('refuses a backend whose memory cannot be reached', () => {
    const other = { ...tf, findBackend: () => tf.findBackend('cpu') };
    expect(() => installTrainingKernels(other)).toThrow(EnvironmentError);
  });

  it('follows a backend that was removed and set again to its new memory', async () => {
    const factory = tf.findBackendFactory('wasm');
    installed = installTrainingKernels(tf);
    const before = tf.backend();
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', factory, 2);
    await tf.setBackend('wasm');
    expect(tf.backend()).not.toBe(before);
    expect(dot([1, 2], [3, 4])).toBe(11);
    installed.uninstall();
    expect(dot([1, 2], [3, 4])).toBe(11);
  });

  it('keeps the number of tensors and the size of the heap over many products', () => {
    installed = installTrainingKernels(tf);
    const { wasm } = asWasmBackend(tf.backend());
    const a = tf.ones([40, 300]);
    const b = tf.ones([300, 70]);
    const step = () => tf.dispose(tf.matMul(a, b));
    step();
    const before = { ...tf.memory(), heap: wasm.asm.memory.buffer.byteLength };
    for (let index = 0; index < 3000; index++) step();
    expect({ ...tf.memory(), heap: wasm.asm.memory.buffer.byteLength }).toEqual(before);
    tf.dispose([a, b]);
  });

  it('gives back its working memory: installing a hundred times does not grow the heap', () => {
    const { wasm } = asWasmBackend(tf.backend());
    installTrainingKernels(tf).uninstall();
    const before = wasm.asm.memory.buffer.byteLength;
    for (let index = 0; index < 100; index++) installTrainingKernels(tf).uninstall();
    expect(wasm.asm.memory.buffer.byteLength).toBe(before);
  });

  it('works on after the heap has grown', () => {
    installed = installTrainingKernels(tf);
    const { wasm } = asWasmBackend(tf.backend());
    const product = () =>
      tf.tidy(() => [...tf.matMul(tf.ones([9, 30]), tf.ones([30, 9])).dataSync()]);
    const expected = product();
    const before = wasm.asm.memory.buffer.byteLength;
    const ballast: tf.Tensor[] = [];
    while (wasm.asm.memory.buffer.byteLength === before) ballast.push(tf.zeros([1 << 22]));
    expect(product()).toEqual(expected);
    tf.dispose(ballast);
  });

  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('has the gradients of the reference backend (transposeA %s, B %s)', async (ta, tb) => {
    const values = (size: number) =>
      Array.from({ length: size }, (_, index) => ((index * 5) % 7) - 3);
    const gradients = () => {
      const a = tf.tensor(values(2 * 6 * 9), ta ? [2, 9, 6] : [2, 6, 9]);
      const b = tf.tensor(values(2 * 9 * 11), tb ? [2, 11, 9] : [2, 9, 11]);
      const dy = tf.tensor(values(2 * 6 * 11), [2, 6, 11]);
      const both = tf.grads((x, y) => tf.matMul(x, y, ta, tb))([a, b], dy);
      return both.map((one) => ({
        shape: one.shape,
        values: [...one.dataSync()].map((x) => x + 0),
      }));
    };
    installed = installTrainingKernels(tf);
    const actual = gradients();
    await tf.setBackend('cpu');
    expect(actual).toEqual(gradients());
  });

  function configs(): tf.KernelConfig[] {
    return REPLACED.map((name) => tf.getKernel(name, 'wasm'));
  }

  function dot(left: number[], right: number[]): number {
    return tf.tidy(
      () => tf.matMul(tf.tensor2d([left]), tf.tensor2d([right]), false, true).dataSync()[0]!,
    );
  }
});
