import { EnvironmentError } from '@pixelis/core';
import * as tf from '@tensorflow/tfjs';
import { loadWebgpuBackend, probeWebgpu } from './webgpu-backend';

const PLATFORM =
  process.platform === 'darwin' ? 'darwin-universal' : `${process.platform}-${process.arch}`;
const ADDON = `webgpu/dist/${PLATFORM}/dawn.node`;

class FakeBuffer {
  readonly size = 0;
}

/** The addon, whose `create` each test sets. */
const dawn = { create: (): unknown => undefined, globals: { GPUBuffer: FakeBuffer } };

jest.doMock(ADDON, () => dawn, { virtual: true });

/** An adapter of a GPU, and what its device reports to who listens. */
function fakeAdapter(info: Partial<GPUAdapterInfo>) {
  const listeners: ((event: unknown) => void)[] = [];
  let lose: (info: { reason: string; message: string }) => void = () => undefined;
  const destroy = jest.fn();
  const device = {
    features: new Set(),
    limits: {},
    queue: {},
    destroy,
    lost: new Promise((resolve) => (lose = resolve)),
    addEventListener: (_: string, listener: (event: unknown) => void) => listeners.push(listener),
  };
  const requestDevice = jest.fn(() => Promise.resolve(device));
  return {
    gpu: {
      requestAdapter: () =>
        Promise.resolve({
          info: { vendor: '', architecture: '', description: '', ...info },
          features: new Set(['timestamp-query', 'shader-f16']),
          limits: { maxBufferSize: 2 ** 32, maxStorageBufferBindingSize: 2 ** 31 },
          requestDevice,
        }),
    },
    requestDevice,
    destroy,
    lose,
    report: (kind: string, message: string) => {
      const error = Object.assign(new (class extends Error {})(), { message });
      Object.defineProperty(error, 'constructor', { value: { name: kind } });
      for (const listener of listeners) listener({ error, preventDefault: () => undefined });
    },
  };
}

afterEach(() => {
  const factory: unknown = tf.findBackendFactory('webgpu');
  if (factory !== null) tf.removeBackend('webgpu');
});

describe('probeWebgpu()', () => {
  it.each([
    [{ vendor: 'nvidia', architecture: 'turing', description: 'NVIDIA T4' }, false],
    [{ vendor: 'google', architecture: 'swiftshader', isFallbackAdapter: true }, true],
    [{ vendor: 'mesa', description: 'llvmpipe (LLVM 15.0.6, 256 bits)' }, true],
    [{ vendor: 'microsoft', description: 'Microsoft Basic Render Driver' }, true],
  ])('says of %j whether it is software', async (info, isSoftware) => {
    dawn.create = () => fakeAdapter(info).gpu;

    expect(await probeWebgpu()).toMatchObject({
      isAvailable: true,
      isSoftware,
      adapter: { vendor: info.vendor, isSoftware },
    });
    expect('GPUBuffer' in globalThis).toBe(false);
  });

  it('says why there is none, and what to do', async () => {
    dawn.create = () => ({ requestAdapter: () => Promise.resolve(null) });

    const probe = await probeWebgpu();

    expect(probe).toMatchObject({ isAvailable: false, isSoftware: false });
    expect('remedy' in probe && probe.remedy).toMatch(/driver.*--backend wasm/);
  });
});

describe('loadWebgpuBackend()', () => {
  it('refuses a machine without an adapter', async () => {
    dawn.create = () => ({ requestAdapter: () => Promise.resolve(null) });
    const failure = loadWebgpuBackend();

    await expect(failure).rejects.toBeInstanceOf(EnvironmentError);
    await expect(failure).rejects.toMatchObject({ code: 'WEBGPU_ADAPTER_MISSING', exitCode: 3 });
    expect(tf.findBackendFactory('webgpu')).toBeNull();
  });

  it('makes the backend ready, asks for what the kernels need, and leaves navigator alone', async () => {
    const { gpu, requestDevice } = fakeAdapter({ vendor: 'amd', description: 'Radeon' });
    dawn.create = () => gpu;
    const navigator = Object.getOwnPropertyDescriptor(globalThis, 'navigator');

    const backend = await loadWebgpuBackend();

    expect(backend).toMatchObject({
      name: 'webgpu',
      version: expect.stringMatching(/^0\.\d+\.\d+$/) as string,
      threads: 1,
    });
    expect(backend.description).toMatch(/on amd, Radeon, through Dawn of webgpu 0\.\d+\.\d+\): /);
    expect(backend.description).not.toContain('software');
    expect(tf.getBackend()).toBe('webgpu');
    expect(requestDevice).toHaveBeenCalledWith({
      requiredFeatures: ['timestamp-query'],
      requiredLimits: expect.objectContaining({ maxBufferSize: 2 ** 32 }) as object,
    });
    expect(Object.getOwnPropertyDescriptor(globalThis, 'navigator')).toEqual(navigator);
    expect(Object.getOwnPropertyDescriptor(navigator?.value ?? {}, 'gpu')).toBeUndefined();
  });

  it('says plainly that a device is software', async () => {
    dawn.create = () => fakeAdapter({ architecture: 'swiftshader' }).gpu;

    expect((await loadWebgpuBackend()).description).toContain('a software device, to test with');
  });

  it('keeps its device from call to call, and takes another one once the backend was removed', async () => {
    const { gpu, requestDevice, destroy } = fakeAdapter({});
    dawn.create = () => gpu;

    await loadWebgpuBackend();
    await loadWebgpuBackend();
    expect(requestDevice).toHaveBeenCalledTimes(1);

    tf.removeBackend('webgpu');
    expect(destroy).toHaveBeenCalledTimes(1);

    await loadWebgpuBackend();
    expect(requestDevice).toHaveBeenCalledTimes(2);
  });

  it.each([
    ['GPUOutOfMemoryError', 'GPU_OUT_OF_MEMORY', /smaller/],
    ['GPUValidationError', 'GPU_COMMAND_FAILED', /--backend wasm/],
  ])('makes the next read throw what the device reports as %s', async (kind, code, remedy) => {
    const { gpu, report } = fakeAdapter({});
    dawn.create = () => gpu;
    await loadWebgpuBackend();
    const x = tf.tensor1d([1, 2]);
    expect([...(await x.data())]).toEqual([1, 2]);

    report(kind, 'Buffer size exceeds a limit.\n - While calling CreateBuffer');

    await expect(x.data()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/Buffer size exceeds a limit\.$/) as string,
      remedy: expect.stringMatching(remedy) as string,
    });
  });

  it('makes the next read throw that the device was lost', async () => {
    const { gpu, lose } = fakeAdapter({});
    dawn.create = () => gpu;
    await loadWebgpuBackend();
    const x = tf.tensor1d([1]);

    lose({ reason: 'unknown', message: 'the driver was reset' });

    await expect(x.data()).rejects.toMatchObject({
      code: 'GPU_LOST',
      message: 'The GPU was lost: the driver was reset',
      exitCode: 3,
    });
  });
});

describe('loadWebgpuBackend() of an installation that lacks something', () => {
  beforeEach(() => jest.resetModules());

  it('refuses one without the package', async () => {
    jest.doMock('webgpu/package.json', () => {
      throw new Error('Cannot find module');
    });

    await expect(loadWebgpuBackend()).rejects.toMatchObject({
      code: 'WEBGPU_PACKAGE_MISSING',
      exitCode: 3,
      remedy: expect.stringContaining('npm install webgpu') as string,
    });
    jest.dontMock('webgpu/package.json');
  });

  it('refuses a platform that the package has no addon for', async () => {
    jest.doMock(
      ADDON,
      () => {
        throw new Error('invalid ELF header');
      },
      { virtual: true },
    );

    await expect(loadWebgpuBackend()).rejects.toMatchObject({
      code: 'WEBGPU_PLATFORM_UNSUPPORTED',
      message: expect.stringMatching(
        new RegExp(`cannot load the addon of webgpu 0\\.\\d+\\.\\d+ on ${PLATFORM}$`),
      ) as string,
      cause: { message: 'invalid ELF header' },
    });
  });

  it('refuses one whose TensorFlow.js lacks the backend', async () => {
    jest.doMock(ADDON, () => dawn, { virtual: true });
    dawn.create = () => fakeAdapter({}).gpu;
    jest.doMock('@tensorflow/tfjs-backend-webgpu', () => {
      throw new Error('Cannot find module');
    });

    await expect(loadWebgpuBackend()).rejects.toMatchObject({
      code: 'WEBGPU_PACKAGE_MISSING',
      message: expect.stringContaining('@tensorflow/tfjs-backend-webgpu') as string,
    });
  });
});
