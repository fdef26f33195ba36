import { compareVersions, requirePlatform, thisMachine } from './require-platform';
import { thrownBy } from '../test/thrown-by';

describe('requirePlatform()', () => {
  it.each([
    { platform: 'linux', arch: 'x64', glibc: '2.27' },
    { platform: 'linux', arch: 'arm64', glibc: '2.36' },
  ])('takes %j', (machine) => {
    expect(() => requirePlatform(machine)).not.toThrow();
  });

  it.each([
    [{ platform: 'win32', arch: 'x64', glibc: undefined }, 'platform win32'],
    [{ platform: 'darwin', arch: 'arm64', glibc: undefined }, 'platform darwin'],
    [{ platform: 'linux', arch: 'riscv64', glibc: '2.36' }, 'processor riscv64'],
    [{ platform: 'linux', arch: 'x64', glibc: undefined }, 'musl'],
    [{ platform: 'linux', arch: 'x64', glibc: '2.9' }, 'glibc 2.9, older than 2.27'],
  ])('refuses %j and names %s', (machine, message) => {
    expect(thrownBy(() => requirePlatform(machine))).toMatchObject({
      code: 'PLATFORM_UNSUPPORTED',
      exitCode: 3,
      message: expect.stringContaining(message) as unknown,
      remedy: expect.stringContaining('wasm or webgpu') as unknown,
    });
  });
});

describe('thisMachine()', () => {
  it('is what Node says', () => {
    const { platform, arch, glibc } = thisMachine();

    expect({ platform, arch }).toEqual({ platform: process.platform, arch: process.arch });
    if (glibc !== undefined) expect(glibc).toMatch(/^\d+\.\d+/);
  });
});

describe('compareVersions()', () => {
  it.each([
    ['2.9', '2.27', -1],
    ['2.27', '2.27', 0],
    ['2.27', '2.27.0', 0],
    ['3', '2.99', 1],
  ])('puts %s against %s', (first, second, sign) => {
    expect(Math.sign(compareVersions(first, second))).toBe(sign);
  });
});
