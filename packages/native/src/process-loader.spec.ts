import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProcessLoader, withoutBanner } from './process-loader';

const BANNER = `WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1795391085.831095   18736 port.cc:153] oneDNN custom operations are on. You may see slightly different results.
W0000 00:00:1795391085.878485   18736 gpu_device.cc:2344] Cannot dlopen some GPU libraries.
To enable the following instructions: AVX2 AVX512F FMA, in other operations, rebuild TensorFlow.
`;

describe('withoutBanner()', () => {
  it('leaves nothing of what tells nothing', () => {
    expect(withoutBanner(BANNER)).toBe('');
  });

  it('leaves errors, and what is not of TensorFlow', () => {
    const error = 'E0000 00:00:1 1 cuda_dnn.cc:461] Loaded runtime CuDNN library is too old\n';

    expect(withoutBanner(`${BANNER}${error}Warning: something\n`)).toBe(
      `${error}Warning: something\n`,
    );
  });
});

describe('withoutBanner() for the CPU', () => {
  it('leaves out that no GPU is found, which a user of the CPU does not ask for', () => {
    const line =
      'E0000 00:00:1 1 cuda_platform.cc:52] failed call to cuInit: UNKNOWN ERROR (303)\n';

    expect(withoutBanner(line, 'cpu')).toBe('');
    expect(withoutBanner(line, 'gpu')).toBe(line);
  });
});

describe('openProcessLoader()', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'native-loader-'));
  });
  afterEach(() => {
    jest.restoreAllMocks();
    Reflect.deleteProperty(process.env, 'TF_CPP_MIN_LOG_LEVEL');
    Reflect.deleteProperty(process.env, 'PIXELIS_TEST_VARIABLE');
    rmSync(folder, { recursive: true });
  });

  it('sets variables for JavaScript and for native code', () => {
    const addon = fakeAddon('');
    openProcessLoader(addon.path).setVariable('PIXELIS_TEST_VARIABLE', 'x');

    expect(process.env['PIXELIS_TEST_VARIABLE']).toBe('x');
    expect(addon.calls()).toEqual([['setVariable', 'PIXELIS_TEST_VARIABLE', 'x']]);
  });

  it('writes what was held back and is no banner', () => {
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const addon = fakeAddon(`${BANNER}E0000 broken\n`);
    const loader = openProcessLoader(addon.path);
    loader.captureStderr();
    loader.releaseStderr();

    expect(addon.calls()).toEqual([['captureStderr'], ['releaseStderr']]);
    expect(write.mock.calls).toEqual([['E0000 broken\n']]);
  });

  it('holds nothing back from who wants to see it', () => {
    process.env['TF_CPP_MIN_LOG_LEVEL'] = '0';
    const addon = fakeAddon('');
    openProcessLoader(addon.path).captureStderr();

    expect(addon.calls()).toEqual([]);
  });

  it('does without the addon, where the package came with its own binary', () => {
    const loader = openProcessLoader(undefined);
    loader.setVariable('PIXELIS_TEST_VARIABLE', 'y');
    loader.captureStderr();
    loader.releaseStderr();

    expect(process.env['PIXELIS_TEST_VARIABLE']).toBe('y');
  });

  it('refuses a module that is no loader', () => {
    const path = join(folder, 'other.js');
    writeFileSync(path, 'module.exports = 1;');

    expect(() => openProcessLoader(path)).toThrow(TypeError);
  });

  function fakeAddon(output: string) {
    const path = join(folder, 'loader.js');
    writeFileSync(
      path,
      `const calls = exports.calls = [];
       exports.setVariable = (...given) => { calls.push(['setVariable', ...given]); };
       exports.captureStderr = () => { calls.push(['captureStderr']); };
       exports.releaseStderr = () => { calls.push(['releaseStderr']); return ${JSON.stringify(output)}; };`,
    );
    return { path, calls: () => jest.requireActual<{ calls: string[][] }>(path).calls };
  }
});
