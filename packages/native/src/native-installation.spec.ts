import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '@pixelis/core';
import { fakeInstallation } from '../test/fake-installation';
import {
  findNativeInstallation,
  nativeInstallationFolder,
  openNativeInstallation,
  verifyNativeInstallation,
} from './native-installation';
import { thrownBy } from '../test/thrown-by';

let folder: string;
const { PIXELIS_CACHE } = process.env;

beforeEach(() => {
  process.env['PIXELIS_CACHE'] = mkdtempSync(join(tmpdir(), 'native-installation-'));
  folder = nativeInstallationFolder({ variant: 'cpu' });
});
afterEach(() => {
  rmSync(process.env['PIXELIS_CACHE'] ?? '', { recursive: true });
  if (PIXELIS_CACHE === undefined) Reflect.deleteProperty(process.env, 'PIXELIS_CACHE');
  else process.env['PIXELIS_CACHE'] = PIXELIS_CACHE;
});

describe('findNativeInstallation()', () => {
  it('finds the one of its variant', () => {
    const record = fakeInstallation(folder);

    const installation = findNativeInstallation({ variant: 'cpu' });

    expect(installation).toEqual({
      folder,
      addonPath: join(folder, 'tfjs_binding.node'),
      record,
    });
    expect(findNativeInstallation({ variant: 'gpu' })).toBeUndefined();
  });

  it('takes no installation that was not finished', () => {
    fakeInstallation(folder);
    rmSync(join(folder, 'installation.json'));

    expect(findNativeInstallation({ variant: 'cpu' })).toBeUndefined();
  });

  it.each(['tfjs_binding.node', 'loader.node', 'tensorflow/libtensorflow_cc.so.2'])(
    'refuses one whose %s is cut short or gone, and names it',
    (name) => {
      fakeInstallation(folder);
      truncateSync(join(folder, name), 2);
      const isBroken = {
        code: 'NATIVE_INSTALLATION_BROKEN',
        exitCode: 3,
        remedy: expect.stringContaining(
          'libtensorflow:install -- --variant cpu --relink',
        ) as unknown,
      };
      expect(thrownBy(() => openNativeInstallation(folder))).toMatchObject({
        ...isBroken,
        message: expect.stringMatching(`${name} has 2 bytes instead of`) as unknown,
      });

      rmSync(join(folder, name));
      expect(thrownBy(() => openNativeInstallation(folder))).toMatchObject({
        ...isBroken,
        message: expect.stringMatching(`${name} is missing`) as unknown,
      });
    },
  );

  it.each([
    ['another platform', { platform: 'darwin' }, /platform darwin, here is/],
    ['another processor', { arch: 'riscv64' }, /processor riscv64, here is/],
    [
      'another version of its package',
      { tfjs_node_gpu_version: '4.21.0' },
      /4\.21\.0, here is 4\.22\.0/,
    ],
    ['a newer Node-API', { node_api_version: 999 }, /Node-API 999, this Node has/],
  ])('refuses one that was made for %s', (_, changes, message) => {
    fakeInstallation(folder, changes);

    expect(thrownBy(() => openNativeInstallation(folder))).toMatchObject({
      code: 'NATIVE_INSTALLATION_FOREIGN',
      exitCode: 3,
      message: expect.stringMatching(message) as unknown,
    });
  });

  it.each([
    ['no JSON', '{"installation_version": 1,'],
    ['not a record', '[]'],
    ['a record of a later version', '{"installation_version": 2}'],
  ])('refuses a record that is %s', (_, text) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'installation.json'), text);

    expect(() => openNativeInstallation(folder)).toThrow(EnvironmentError);
    expect(() => openNativeInstallation(folder)).toThrow(/is not a record/);
  });

  it.each(['cpu', 'gpu'] as const)(
    'refuses a record that cannot be read, and names its variant %s',
    (variant) => {
      const path = join(nativeInstallationFolder({ variant }), 'installation.json');
      mkdirSync(path, { recursive: true });

      expect(thrownBy(() => findNativeInstallation({ variant }))).toMatchObject({
        message: expect.stringContaining('cannot be read') as unknown,
        remedy: expect.stringContaining(`--variant ${variant} --relink`) as unknown,
      });
    },
  );

  it('refuses a record that does not name the addon', () => {
    fakeInstallation(folder, { files: {} });

    expect(() => openNativeInstallation(folder)).toThrow(/does not name tfjs_binding\.node/);
  });
});

describe('verifyNativeInstallation()', () => {
  it('passes what is as it was made', async () => {
    fakeInstallation(folder);

    await expect(verifyNativeInstallation(opened())).resolves.toBeUndefined();
  });

  it('finds a byte that changed', async () => {
    fakeInstallation(folder);
    const path = join(folder, 'tensorflow/libtensorflow_cc.so.2');
    const bytes = readFileSync(path);
    bytes[0] = 0;
    writeFileSync(path, bytes);

    await expect(verifyNativeInstallation(opened())).rejects.toMatchObject({
      code: 'NATIVE_INSTALLATION_BROKEN',
      message: expect.stringContaining('libtensorflow_cc.so.2 has the SHA-256') as unknown,
    });
  });

  function opened() {
    const installation = openNativeInstallation(folder);
    if (installation === undefined) throw new Error('nothing was installed');
    return installation;
  }
});
