import { isSupported, libcOf, probeMachine } from './probe-machine';

describe('probeMachine()', () => {
  it('describes this machine', () => {
    const { node, platform, arch, libc, cpu, memory } = probeMachine({ env: { PATH: '' } });
    expect(node).toEqual({ version: process.versions.node, isSupported: true });
    expect([platform, arch]).toEqual([process.platform, process.arch]);
    expect(libc === null).toBe(process.platform !== 'linux');
    expect(cpu.threads).toBeGreaterThanOrEqual(1);
    expect(memory.bytes).toBeGreaterThan(0);
  });

  it('shows no GPU where there is no nvidia-smi', () => {
    expect(probeMachine({ env: { PATH: '' } }).nvidia).toEqual({ devices: [], driver: null });
  });
});

describe('isSupported()', () => {
  it.each([
    ['18.20.0', false], ['20.18.3', false], ['20.19.0', true], ['22.0.0', true], ['26.10.0', true],
  ])('of Node.js %s is %p', (version, expected) => {
    expect(isSupported(version)).toBe(expected);
  }); // prettier-ignore
});

describe('libcOf()', () => {
  it('tells glibc from musl', () => {
    expect(libcOf({ header: { glibcVersionRuntime: '2.36' } })).toBe('glibc 2.36');
    expect(libcOf({ header: {} })).toBe('musl');
    expect(libcOf({})).toBe('musl');
  });
});
