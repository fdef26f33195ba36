import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError, acquireFileLock } from '@pixelis/core';
import type * as Native from '@pixelis/native';
import { findNativeInstallation } from '@pixelis/native';
import { makeWheel } from '../test/make-wheel';
import { install, type InstallOptions } from './install';
import { thisMachine } from './require-platform';
import { uninstall } from './uninstall';

const FILE = `tensorflow_cpu-2.99.0-cp311-cp311-manylinux_2_27_${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.whl`;

/** What the addon does when it is tried. */
let tried: { device: string; folder?: string }[];
let trial: () => { isUsingGpu: boolean; lines: string[] };
let ownBinary: string | undefined;

jest.mock('./check-addon', () => ({
  checkAddon: (addon: { device: string; folder?: string }) => {
    tried.push(addon);
    return trial();
  },
}));
jest.mock('@pixelis/native', () => {
  const native = jest.requireActual<typeof Native>('@pixelis/native');
  return { ...native, findNodeGpuPackage: () => ({ ...native.findNodeGpuPackage(), ownBinary }) };
});

let cache: string;
let wheel: string;
let sha256: string;
let lines: string[];
const environment = { ...process.env };

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'libtensorflow-install-'));
  process.env = { ...environment, PIXELIS_CACHE: join(cache, 'cache'), CXX: compiler(0) };
  wheel = join(cache, FILE);
  sha256 = makeWheel(wheel, {
    'tensorflow/libtensorflow_cc.so.2': 'library',
    'tensorflow/libtensorflow_framework.so.2': 'framework',
    'tensorflow/include/tensorflow/c/c_api.h': 'header',
    'tensorflow/python/other.so': 'not wanted',
  });
  lines = [];
  tried = [];
  trial = () => ({ isUsingGpu: false, lines: ['it works'] });
  ownBinary = undefined;
});
afterEach(() => {
  process.env = { ...environment };
  rmSync(cache, { recursive: true });
});

function onLinux(subject: string, tests: () => void): void {
  if (process.platform === 'linux') describe(subject, tests);
}

describe('thisMachine()', () => {
  it('is one that an installation asks about', () => {
    expect(thisMachine()).toMatchObject({ platform: process.platform, arch: process.arch });
  });
});

onLinux('install()', () => {
  it('leaves an installation that the loader finds, and nothing beside it', async () => {
    const result = await run();

    expect(result).toMatchObject({ status: 'installed', tensorflowVersion: '2.99.0' });
    const installation = findNativeInstallation({ variant: 'cpu' });
    expect(installation?.folder).toBe(result.folder);
    expect(installation?.record).toMatchObject({ wheels: { [FILE]: sha256 }, variant: 'cpu' });
    expect(Object.keys(installation?.record.files ?? {}).toSorted()).toEqual([
      'loader.node',
      'tensorflow/libtensorflow_cc.so.2',
      'tensorflow/libtensorflow_framework.so.2',
      'tfjs_binding.node',
    ]);
    expect(readdirSync(root()).toSorted()).toEqual(['cpu', 'downloads']);
    expect(existsSync(wheel)).toBe(true);
    expect(lines).toContain('ok: it works');
  });

  it('tries the addon before it is put in its place', async () => {
    await run();

    expect(tried).toEqual([
      { device: 'cpu', folder: expect.stringMatching(/\.cpu-2\.99\.0-[0-9a-f]{12}$/) as unknown },
    ]);
  });

  it('keeps what works', async () => {
    await run();
    rmSync(wheel);

    expect(await run()).toMatchObject({ status: 'kept' });
  });

  it('goes on where a run failed, without the wheel', async () => {
    process.env['CXX'] = compiler(1);
    await expect(run()).rejects.toMatchObject({ code: 'COMPILATION_FAILED' });
    expect(findNativeInstallation({ variant: 'cpu' })).toBeUndefined();
    rmSync(wheel);

    process.env['CXX'] = compiler(0);
    expect(await run()).toMatchObject({ status: 'installed' });
  });

  it('puts nothing in place that does not compute, and keeps what was there', async () => {
    await run();
    const { record } = findNativeInstallation({ variant: 'cpu' })!;
    const other = wheel.replace('2.99.0', '2.99.1');
    const otherHash = makeWheel(other, { 'tensorflow/libtensorflow_cc.so.2': 'other' });
    trial = () => {
      throw new EnvironmentError('wrong', { code: 'ADDON_CHECK_FAILED', remedy: '' });
    };

    await expect(run({ wheel: other, sha256: otherHash })).rejects.toThrow('wrong');

    expect(findNativeInstallation({ variant: 'cpu' })?.record).toEqual(record);
  });

  it('replaces another version', async () => {
    await run();
    const other = wheel.replace('2.99.0', '2.99.1');
    const otherHash = makeWheel(other, {
      'tensorflow/libtensorflow_cc.so.2': 'other',
      'tensorflow/include/tensorflow/c/c_api.h': 'header',
    });

    expect(await run({ wheel: other, sha256: otherHash })).toMatchObject({ status: 'installed' });

    expect(findNativeInstallation({ variant: 'cpu' })?.record.tensorflow_version).toBe('2.99.1');
    expect(readdirSync(root()).toSorted()).toEqual(['cpu', 'downloads']);
  });

  it('links again what is broken, or when asked, without the wheel', async () => {
    const { folder } = await run();
    rmSync(wheel);
    rmSync(join(folder, 'tfjs_binding.node'));
    const left = '.loader.node-0123456789ab.tmp';
    writeFileSync(join(folder, left), 'half');

    expect(await run()).toMatchObject({ status: 'linked' });
    expect(readdirSync(folder)).not.toContain(left);
    expect(lines).toContainEqual(
      expect.stringContaining('tfjs_binding.node is missing') as unknown,
    );
    expect(await run({ isRelink: true })).toMatchObject({ status: 'linked' });
  });

  it('installs anew where a library is not what it was', async () => {
    const { folder } = await run();
    writeFileSync(join(folder, 'tensorflow/libtensorflow_cc.so.2'), 'LIBRARY');

    expect(await run({ isRelink: true })).toMatchObject({ status: 'installed' });
    expect(readFileSync(join(folder, 'tensorflow/libtensorflow_cc.so.2'), 'utf8')).toBe('library');
  });

  it("uses the package's own binary where it works, and installs nothing", async () => {
    ownBinary = '/package/tfjs_binding.node';

    const result = await install({ variant: 'cpu', ...nothingGiven() }, progress());

    expect(result).toMatchObject({ status: 'package', tensorflowVersion: '2.9.1' });
    expect(tried).toEqual([{ device: 'cpu' }]);
    expect(readdirSync(root())).toEqual(['downloads']);
  });

  it("does not take the package's own binary for another version that is asked for", async () => {
    ownBinary = '/package/tfjs_binding.node';

    expect(await run()).toMatchObject({ status: 'installed' });
  });

  it('refuses another wheel than its hash says, before anything is unpacked', async () => {
    await expect(run({ sha256: 'a'.repeat(64) })).rejects.toMatchObject({
      code: 'HASH_MISMATCH',
      exitCode: 4,
    });
    expect(findNativeInstallation({ variant: 'cpu' })).toBeUndefined();
  });

  it('asks for a compiler before anything is fetched', async () => {
    process.env['CXX'] = join(cache, 'nothing');
    rmSync(wheel);

    await expect(run()).rejects.toMatchObject({ code: 'COMPILER_MISSING', exitCode: 3 });
  });

  it('does not run beside another installation', async () => {
    mkdirSync(root(), { recursive: true });
    const lock = acquireFileLock(join(root(), 'install.lock'));

    await expect(run()).rejects.toMatchObject({ code: 'INSTALLATION_RUNNING', exitCode: 3 });
    lock?.release();
    expect(await run()).toMatchObject({ status: 'installed' });
  });
});

onLinux('uninstall()', () => {
  it('removes what was installed and what was left unfinished', async () => {
    await run();
    mkdirSync(join(root(), '.cpu-2.0.0-abc'));
    mkdirSync(join(root(), 'gpu'));

    expect(uninstall('cpu')).toMatchObject({ status: 'removed' });

    expect(readdirSync(root())).toEqual(['gpu']);
    expect(uninstall('cpu')).toMatchObject({ status: 'absent' });
  });

  it('does not run beside an installation', () => {
    mkdirSync(root(), { recursive: true });
    const lock = acquireFileLock(join(root(), 'install.lock'));

    expect(() => uninstall('cpu')).toThrow('another installation is running');
    lock?.release();
  });

  it('says that there is nothing', () => {
    expect(uninstall('gpu')).toMatchObject({ status: 'absent', variant: 'gpu' });
  });
});

// Helpers

function run(changes: Partial<InstallOptions> = {}) {
  return install({ variant: 'cpu', ...nothingGiven(), wheel, sha256, ...changes }, progress());
}

function nothingGiven() {
  return { version: undefined, wheel: undefined, sha256: undefined, isRelink: false };
}

function progress() {
  return { say: (line: string) => void lines.push(line), advance: () => undefined };
}

function root(): string {
  return join(cache, 'cache', 'libtensorflow');
}

/** A compiler that writes its arguments to its output, or fails. */
function compiler(status: number): string {
  const path = join(cache, `compiler-${status}`);
  writeFileSync(
    path,
    `#!/bin/sh\n[ "$1" = --version ] && exit 0\nfor output; do :; done\necho "$@" > "$output"\nexit ${status}\n`,
  );
  chmodSync(path, 0o755);
  return path;
}
