import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import util from 'node:util';
import { fakeInstallation } from '../test/fake-installation';
import type * as LoadNativeAddon from './load-native-addon';
import { nativeInstallationFolder } from './native-installation';
import { thrownBy } from '../test/thrown-by';

/** What the package is made to be in a test. */
let isUsingGpu: boolean;
let requireFailure: Error | undefined;
/** What was asked for by `requireNodeGpu`, and the variables that held then. */
let required: { readonly binary: string; readonly variables: NodeJS.ProcessEnv }[];
let ownBinary: string | undefined;
let stderr: string[];

jest.mock('./node-gpu-package', () => ({
  ...jest.requireActual<object>('./node-gpu-package'),
  findNodeGpuPackage: () => ({ folder: '/package', version: '4.22.0', ownBinary }),
  ownTensorflowVersion: () => '2.9.1',
  requireNodeGpu: (_package: unknown, binary: string) => {
    if (requireFailure !== undefined) throw requireFailure;
    required.push({ binary, variables: { ...process.env } });
    return { backend: () => ({ isUsingGpuDevice: isUsingGpu }) };
  },
}));

jest.mock('./process-loader', () => ({
  openProcessLoader: (path: string | undefined) => ({
    setVariable: (name: string, value: string) => (process.env[name] = value),
    captureStderr: () => stderr.push(`captured by ${path}`),
    releaseStderr: () => stderr.push('released'),
  }),
}));

const environment = { ...process.env };
let cache: string;

beforeEach(() => {
  jest.resetModules();
  cache = mkdtempSync(join(tmpdir(), 'native-load-'));
  process.env = { ...environment, PIXELIS_CACHE: cache };
  for (const name of ['TF_NUM_INTRAOP_THREADS', 'CUDA_VISIBLE_DEVICES', 'XLA_FLAGS']) {
    Reflect.deleteProperty(process.env, name);
  }
  required = [];
  stderr = [];
  requireFailure = undefined;
  ownBinary = undefined;
  isUsingGpu = false;
});
afterEach(() => {
  process.env = { ...environment };
  rmSync(cache, { recursive: true });
});

describe('loadNativeAddon()', () => {
  it('loads the linked addon, with GPUs hidden and threads set before', () => {
    const folder = install('cpu');

    const addon = freshLoader()({ device: 'cpu', threads: 3 });

    expect(addon).toEqual({
      tensorflowVersion: '2.21.0',
      isUsingGpu: false,
      threads: 3,
      origin: 'linked',
      path: join(folder, 'tfjs_binding.node'),
    });
    expect(required[0]?.binary).toBe(addon.path);
    expect(required[0]?.variables).toMatchObject({
      CUDA_VISIBLE_DEVICES: '',
      TF_NUM_INTRAOP_THREADS: '3',
      TF_CPP_MIN_LOG_LEVEL: '2',
    });
  });

  it('computes on the CPU by the addon for CUDA where that is the only one', () => {
    const folder = install('gpu');

    expect(freshLoader()({ device: 'cpu' }).path).toBe(join(folder, 'tfjs_binding.node'));
    expect(required[0]?.variables['CUDA_VISIBLE_DEVICES']).toBe('');
  });

  it('takes the addon for the CPU where both are there', () => {
    const folder = install('cpu');
    install('gpu');

    expect(freshLoader()({ device: 'cpu' }).path).toBe(join(folder, 'tfjs_binding.node'));
  });

  it('computes on no GPU by the addon for the CPU', () => {
    install('cpu');

    expect(thrownBy(() => freshLoader()({ device: 'gpu' }))).toMatchObject({
      code: 'NATIVE_BACKEND_MISSING',
      remedy: expect.stringContaining('--variant gpu') as unknown,
    });
    expect(required).toEqual([]);
  });

  it("takes the package's own binary where nothing is linked", () => {
    ownBinary = '/package/lib/napi-v8/tfjs_binding.node';

    expect(freshLoader()({ device: 'cpu' })).toMatchObject({
      tensorflowVersion: '2.9.1',
      origin: 'package',
      path: ownBinary,
    });
  });

  it('says what to type where there is nothing', () => {
    expect(thrownBy(() => freshLoader()({ device: 'cpu' }))).toMatchObject({
      code: 'NATIVE_BACKEND_MISSING',
      exitCode: 3,
      remedy: expect.stringContaining(
        'npx nx run libtensorflow:install -- --variant cpu',
      ) as unknown,
    });
  });

  it('says that an addon does not load, and why', () => {
    install('cpu');
    requireFailure = new Error('libstdc++.so.6: version GLIBCXX_3.4.29 not found');

    expect(thrownBy(() => freshLoader()({ device: 'cpu' }))).toMatchObject({
      code: 'NATIVE_BACKEND_BROKEN',
      exitCode: 3,
      message: expect.stringContaining('GLIBCXX_3.4.29') as unknown,
      remedy: expect.stringContaining('--relink') as unknown,
    });
    expect(stderr).toEqual([
      expect.stringMatching(/^captured by .*loader\.node$/) as unknown,
      'released',
    ]);
  });

  it('restores what Node 23 took away from node:util', () => {
    install('cpu');
    const original = Object.getOwnPropertyDescriptor(util, 'isNullOrUndefined');
    Reflect.deleteProperty(util, 'isNullOrUndefined');

    freshLoader()({ device: 'cpu' });

    const restored = util as { isNullOrUndefined?: (value: unknown) => boolean };
    const values = [null, undefined, 0, ''];
    expect(values.map((value) => restored.isNullOrUndefined?.(value))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    if (original !== undefined) Object.defineProperty(util, 'isNullOrUndefined', original);
  });

  it.each([0, -1, 1.5, NaN, Infinity])('refuses %d threads', (threads) => {
    expect(() => freshLoader()({ device: 'cpu', threads })).toThrow(RangeError);
  });

  it('gives the loaded addon again to whoever asks for the same', () => {
    install('cpu');
    const load = freshLoader();
    const addon = load({ device: 'cpu', threads: 2 });

    expect(load({ device: 'cpu', threads: 2 })).toBe(addon);
    expect(load({ device: 'cpu' })).toBe(addon);
    expect(required).toHaveLength(1);
  });

  it('refuses another device or number of threads once it is loaded', () => {
    install('gpu');
    const load = freshLoader();
    load({ device: 'cpu', threads: 2 });

    const isLoaded = { code: 'NATIVE_BACKEND_LOADED', exitCode: 3 };
    expect(thrownBy(() => load({ device: 'gpu' }))).toMatchObject(isLoaded);
    expect(thrownBy(() => load({ device: 'cpu', threads: 4 }))).toMatchObject(isLoaded);
  });

  it.each([
    [false, 'is'],
    [true, 'is not'],
  ])('where a GPU was asked for and found is %s, the CPU %s to be had after', (isFound, has) => {
    install('gpu');
    isUsingGpu = isFound;
    const load = freshLoader();
    load({ device: 'gpu' });

    const again = () => load({ device: 'cpu' });
    if (has === 'is') expect(again()).toMatchObject({ isUsingGpu: false });
    else expect(thrownBy(again)).toMatchObject({ code: 'NATIVE_BACKEND_LOADED' });
  });
});

// Helpers

/** Each test has a process of its own, as far as the module knows. */
function freshLoader(): typeof LoadNativeAddon.loadNativeAddon {
  return jest.requireActual<typeof LoadNativeAddon>('./load-native-addon').loadNativeAddon;
}

function install(variant: 'cpu' | 'gpu'): string {
  const folder = nativeInstallationFolder({ variant });
  fakeInstallation(folder, { variant });
  return folder;
}
