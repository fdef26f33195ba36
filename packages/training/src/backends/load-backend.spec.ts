import { EnvironmentError, UsageError } from '@pixelis/core';
import * as tf from '@tensorflow/tfjs';
import { loadBackend } from './load-backend';
import { prepareBackend } from './prepare-backend';

describe('loadBackend()', () => {
  it('makes wasm ready, with the training kernels in place of the stock ones', async () => {
    await tf.setBackend('wasm');
    const stock = productKernel();

    const backend = await loadBackend('wasm');

    expect(backend).toMatchObject({ name: 'wasm', threads: 1 });
    expect(backend.version).toMatch(/^4\.\d+\.\d+$/);
    expect(backend.description).toContain('@pixelis/kernels');
    expect(tf.getBackend()).toBe('wasm');
    expect(productKernel()).not.toBe(stock);
  });

  it('puts the kernels in once, however often it is called', async () => {
    await loadBackend('wasm');
    const kernel = productKernel();

    await loadBackend('reference');
    await loadBackend('wasm');
    await loadBackend('wasm');

    expect(productKernel()).toBe(kernel);
    expect(tf.getBackend()).toBe('wasm');
  });

  it('puts them in again where the backend was removed and starts anew', async () => {
    await loadBackend('wasm');
    const before = productKernel();
    const factory = tf.findBackendFactory('wasm');
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', factory, 3);

    await loadBackend('wasm');

    expect(productKernel()).not.toBe(before);
    const product = tf.tidy(() => tf.matMul([[1, 2]], [[3], [4]]));
    expect([...(await product.data())]).toEqual([11]);
    product.dispose();
  });

  it('makes reference ready, which then advertises nothing', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();

    expect(await loadBackend('reference')).toMatchObject({ name: 'reference', threads: 1 });
    tf.scalar(1).dispose();

    expect(tf.getBackend()).toBe('cpu');
    expect(tf.env().getBool('IS_TEST')).toBe(false);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it.each(['cpu', 'gpu'] as const)('refuses %s where the addon cannot be loaded', async (name) => {
    await loadBackend('wasm');
    const failure = loadBackend(name);

    await expect(failure).rejects.toBeInstanceOf(EnvironmentError);
    await expect(failure).rejects.toMatchObject({ code: 'NATIVE_BACKEND_MISSING', exitCode: 3 });
    expect(tf.getBackend()).toBe('wasm');
  });

  it('takes wasm for auto where the addon cannot be loaded, and says so', async () => {
    const backend = await loadBackend('auto');

    expect(backend.name).toBe('wasm');
    expect(backend.description).toMatch(
      /chosen by auto, since neither a GPU nor the native addon can be used \(pixelis doctor says why\)$/,
    );
  });

  it('refuses wasm where the engine lacks SIMD', async () => {
    const env = jest.spyOn(tf.env(), 'getAsync').mockResolvedValue(false);

    await expect(loadBackend('wasm')).rejects.toMatchObject({ code: 'WASM_SIMD_MISSING' });
    env.mockRestore();
  });

  it('refuses wasm that does not start', async () => {
    const set = jest.spyOn(tf.engine(), 'setBackend').mockResolvedValue(false);

    await expect(loadBackend('wasm')).rejects.toMatchObject({ code: 'WASM_BACKEND_BROKEN' });
    set.mockRestore();
  });
});

describe('prepareBackend()', () => {
  it('seeds Math.random until it is undone', async () => {
    const original = Math.random;
    const draws = [];
    for (let run = 0; run < 2; run++) {
      const { globalSeed, determinism } = await prepareBackend({ name: 'wasm', seed: 7 });
      expect(determinism).toBeUndefined();
      draws.push(Math.random());
      globalSeed.restore();
    }

    expect(draws[0]).toBe(draws[1]);
    expect(Math.random).toBe(original);
  });

  it.each([
    ['wasm', 'wasm', 'same bits on every machine'],
    ['reference', 'reference', 'same bits on this machine'],
    ['auto', 'wasm', 'same bits on every machine'],
  ] as const)('says of %s in deterministic mode what %s keeps', async (name, used, guarantee) => {
    const { backend, determinism, globalSeed } = await prepareBackend({
      name,
      seed: 0,
      isDeterministic: true,
    });

    expect(backend.name).toBe(used);
    expect(determinism).toMatchObject({ backend: used, guarantee });
    globalSeed.restore();
  });

  it.each([
    ['wasm', 'wasm'],
    ['auto', 'wasm'],
  ] as const)('counts the threads that %s is to be shared by', async (name, used) => {
    const { backend, globalSeed } = await prepareBackend({ name, seed: 0, threads: 3 });

    expect(backend).toMatchObject({ name: used, threads: 3 });
    globalSeed.restore();
  });

  it('refuses threads on reference', async () => {
    const failure = prepareBackend({ name: 'reference', seed: 0, threads: 2 });

    await expect(failure).rejects.toBeInstanceOf(UsageError);
    await expect(failure).rejects.toMatchObject({ code: 'THREADS_UNSUPPORTED', exitCode: 2 });
  });

  it('refuses webgpu in deterministic mode', async () => {
    const failure = prepareBackend({ name: 'webgpu', seed: 0, isDeterministic: true });

    await expect(failure).rejects.toBeInstanceOf(EnvironmentError);
    await expect(failure).rejects.toMatchObject({ code: 'BACKEND_NOT_DETERMINISTIC', exitCode: 3 });
  });
});

// Helpers

function productKernel(): unknown {
  return tf.getKernel('BatchMatMul', 'wasm').kernelFunc;
}
