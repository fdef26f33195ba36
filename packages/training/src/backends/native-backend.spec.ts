import type { LoadNativeAddonOptions, NativeAddon } from '@pixelis/native';
import { readGpuInfo } from '@pixelis/reproducibility';
import * as tf from '@tensorflow/tfjs';
import { loadNativeBackend } from './native-backend';

let asked: LoadNativeAddonOptions[];
let addon: NativeAddon;

jest.mock('@pixelis/native', () => ({
  ...jest.requireActual<object>('@pixelis/native'),
  loadNativeAddon: (options: LoadNativeAddonOptions) => {
    asked.push(options);
    return addon;
  },
}));

jest.mock('@pixelis/reproducibility', () => ({
  ...jest.requireActual<object>('@pixelis/reproducibility'),
  readGpuInfo: jest.fn(() => null),
}));

beforeEach(() => {
  asked = [];
  addon = {
    tensorflowVersion: '2.21.0',
    isUsingGpu: false,
    threads: 2,
    origin: 'linked',
    path: '/cache/tfjs_binding.node',
  };
  jest.spyOn(tf.engine(), 'setBackend').mockResolvedValue(true);
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('loadNativeBackend()', () => {
  it('says in one line which library computes, on what, and what it promises', async () => {
    expect(await loadNativeBackend('cpu', { threads: 2 })).toEqual({
      name: 'cpu',
      version: '2.21.0',
      threads: 2,
      description:
        'cpu (TensorFlow 2.21.0, linked by libtensorflow:install, on 2 threads of the CPU): the same bits on this machine only',
    });
    expect(asked).toEqual([{ device: 'cpu', threads: 2 }]);
  });

  it("names the package's own library, and one thread", async () => {
    addon = { ...addon, tensorflowVersion: '2.9.1', threads: 1, origin: 'package' };

    const { description } = await loadNativeBackend('cpu');

    expect(description).toContain(
      'TensorFlow 2.9.1, that its package came with, on 1 thread of the CPU',
    );
    expect(asked).toEqual([{ device: 'cpu', threads: undefined }]);
  });

  it('computes on a GPU', async () => {
    addon = { ...addon, isUsingGpu: true };

    const backend = await loadNativeBackend('gpu');

    expect(backend).toMatchObject({ name: 'gpu', version: '2.21.0' });
    expect(backend.description).toContain('on the GPU');
  });

  it.each([
    [undefined, 'first card'],
    ['1', 'second card'],
    ['MIG-1', undefined],
  ])('names the GPU that CUDA_VISIBLE_DEVICES=%s shows', async (visible, device) => {
    addon = { ...addon, isUsingGpu: true };
    const devices = ['first card', 'second card'].map((name) => ({ name, memory_bytes: null }));
    jest.mocked(readGpuInfo).mockReturnValueOnce({ devices, driver: null, cuda_version: null });
    jest.replaceProperty(process, 'env', { CUDA_VISIBLE_DEVICES: visible });

    const backend = await loadNativeBackend('gpu');

    expect(backend.device).toBe(device);
    expect(backend.description).toContain(
      device === undefined ? 'on the GPU)' : `on the GPU ${device})`,
    );
    expect(backend.description).not.toContain('undefined');
  });

  it('refuses to compute on the CPU where a GPU was asked for', async () => {
    const set = jest.spyOn(tf.engine(), 'setBackend');

    await expect(loadNativeBackend('gpu')).rejects.toMatchObject({
      code: 'GPU_MISSING',
      exitCode: 3,
      remedy: expect.stringContaining('TF_CPP_MIN_LOG_LEVEL=0') as unknown,
    });
    expect(set).not.toHaveBeenCalled();
  });
});
