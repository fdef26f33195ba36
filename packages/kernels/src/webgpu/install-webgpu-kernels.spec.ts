import { EnvironmentError } from '@pixelis/core';
import * as tf from '@tensorflow/tfjs-core';
import { fusedLayers } from '../layers/fused-layers';
import { fusedAdamW } from './fused-adamw';
import { installWebgpuKernels } from './install-webgpu-kernels';

const NAMES = [
  'PixelisGelu',
  'PixelisLayerNorm',
  'PixelisLayerNormGradient',
  'PixelisAttention',
  'PixelisAttentionGradient',
  'PixelisCrossEntropy',
  'PixelisCrossEntropyGradient',
  'PixelisColumnSums',
  'PixelisAdamW',
];

/** As much of tfjs's backend as is looked at before a kernel runs. */
class FakeBackend extends tf.KernelBackend {
  readonly device = {};
  readonly bufferManager = {};
  readonly tensorMap = {};
  readonly commandQueueOwnedIds = new WeakSet();
  readonly uniformPendingDisposal: unknown[] = [];
  readonly commandEncoder = null;
  readonly dispatchCountInPass = 0;
  readonly made: [number[], string, Float32Array | undefined][] = [];
  makeTensorInfo(shape: number[], dtype: 'float32', values?: Float32Array): tf.TensorInfo {
    this.made.push([shape, dtype, values]);
    return { dataId: {}, shape, dtype };
  }
  uploadToGPU(): void {
    throw new Error('Nothing is to be uploaded');
  }
  ensureCommandEncoderReady(): void {}
  endComputePassEncoder(): void {}
  submitQueue(): void {}
  override dispose(): void {}
}

describe('installWebgpuKernels()', () => {
  beforeEach(async () => {
    tf.registerKernel({
      kernelName: 'BatchMatMul',
      backendName: 'webgpu',
      kernelFunc: () => {
        throw new Error('No product is to be computed');
      },
    });
    tf.registerBackend('webgpu', () => new FakeBackend());
    await tf.setBackend('webgpu');
  });

  afterEach(() => {
    tf.removeBackend('webgpu');
    tf.unregisterKernel('BatchMatMul', 'webgpu');
  });

  it('adds layers and the AdamW step, once, and takes them away again', () => {
    expect(fusedLayers(tf)).toBeUndefined();
    expect(fusedAdamW(tf)).toBeUndefined();

    const installed = installWebgpuKernels(tf);

    expect(installed.names).toEqual(NAMES);
    expect(installWebgpuKernels(tf)).toBe(installed);
    expect(fusedLayers(tf)).toBeDefined();
    expect(fusedAdamW(tf)).toBeDefined();

    installed.uninstall();
    installed.uninstall();

    expect(fusedLayers(tf)).toBeUndefined();
  });

  it('runs no program where there is nothing to compute from: zeros, made where they are', () => {
    const installed = installWebgpuKernels(tf);
    const backend: unknown = tf.backend();
    if (!(backend instanceof FakeBackend)) throw new Error('The backend is another one');
    const x = { dataId: {}, shape: [0, 3], dtype: 'float32' as const };

    const sums = tf.getKernel('PixelisColumnSums', 'webgpu').kernelFunc({ inputs: { x }, backend });

    expect(sums).toMatchObject({ shape: [3] });
    expect(backend.made).toEqual([[[3], 'float32', new Float32Array(3)]]);
    installed.uninstall();
  });

  it('needs the backend first', () => {
    tf.removeBackend('webgpu');

    expect(() => installWebgpuKernels(tf)).toThrow(TypeError);
    tf.registerBackend('webgpu', () => new FakeBackend());
  });

  it('refuses a backend that is made otherwise', async () => {
    class OtherBackend extends tf.KernelBackend {
      override dispose(): void {}
    }
    tf.removeBackend('webgpu');
    tf.registerBackend('webgpu', () => new OtherBackend());
    await tf.setBackend('webgpu');

    expect(() => installWebgpuKernels(tf)).toThrow(EnvironmentError);
  });
});
