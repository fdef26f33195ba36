import { isForLinux, parseWheelName, type WheelName } from './wheel-name';

describe('parseWheelName()', () => {
  it.each([
    [
      'tensorflow_cpu-2.20.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
      ['manylinux_2_17_x86_64', 'manylinux2014_x86_64'],
    ],
    ['/some/folder/tensorflow_cpu-2.20.0-1-cp311-cp311-win_amd64.whl', ['win_amd64']],
  ])('reads %s', (path, platforms) => {
    expect(parseWheelName(path)).toEqual({
      distribution: 'tensorflow_cpu',
      version: '2.20.0',
      python: 'cp311',
      abi: 'cp311',
      platforms,
    });
  });

  it.each(['tensorflow.whl', 'a-1-b-c-d.zip', 'a-1-b-c-.whl', 'a-b-c-d-e-f-g.whl', ''])(
    'takes %j for no wheel',
    (path) => expect(parseWheelName(path)).toBeUndefined(),
  );
});

describe('isForLinux()', () => {
  it.each([
    ['manylinux_2_27_x86_64', 'x64', true],
    ['manylinux_2_27_x86_64', 'arm64', false],
    ['manylinux_2_17_aarch64', 'arm64', true],
    ['win_amd64', 'x64', false],
    ['macosx_12_0_arm64', 'arm64', false],
    ['musllinux_1_2_x86_64', 'x64', false],
    ['manylinux_2_27_x86_64', 'riscv64', false],
  ])('says of %s on %s %s', (platform, arch, expected) => {
    const name: WheelName = {
      distribution: 'x',
      version: '1',
      python: 'py3',
      abi: 'none',
      platforms: [platform],
    };
    expect(isForLinux(name, arch)).toBe(expected);
  });
});
