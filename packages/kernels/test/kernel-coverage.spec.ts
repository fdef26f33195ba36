import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { type InstalledKernels, installTrainingKernels } from '../src';

/** What tfjs's plain backend has and wasm lacks also with ours: complex, ragged and string tensors, and canvases. */
const MISSING = [
  'Complex',
  'ComplexAbs',
  'Draw',
  'FFT',
  'IFFT',
  'Imag',
  'RaggedGather',
  'RaggedRange',
  'RaggedTensorToTensor',
  'Real',
  'StaticRegexReplace',
];

describe('the kernels of wasm with ours', () => {
  let installed: InstalledKernels;

  beforeAll(async () => {
    tf.env().set('IS_TEST', true);
    await tf.setBackend('wasm');
    installed = installTrainingKernels(tf);
  });
  afterAll(() => installed.uninstall());

  it("are all that tfjs's plain backend has, but for those listed", () => {
    const present = new Set(kernelNames('wasm'));
    expect(kernelNames('cpu').filter((name) => !present.has(name))).toEqual(MISSING);
  });

  it('are all whose gradients tfjs has, but for those of complex numbers', () => {
    const present = new Set(kernelNames('wasm'));
    const differentiable = kernelNames('cpu').filter((name) => Boolean(tf.getGradient(name)));
    expect(differentiable.length).toBeGreaterThan(80);
    expect(differentiable.filter((name) => !present.has(name))).toEqual(['ComplexAbs']);
  });
});

function kernelNames(backend: string): string[] {
  return tf
    .getKernelsForBackend(backend)
    .map(({ kernelName }) => kernelName)
    .sort();
}
