import { matrixHere } from './matrix-here';
import { courseOf, processorOf } from './matrix-rows';

const VERSIONS = { x64: ['20.1.0', '22.1.0'], arm64: ['20.1.0', '24.1.0'] };

describe('matrixHere()', () => {
  it('is the whole matrix on Linux on x86-64: versions, threads, kills, flags and another processor', () => {
    const { rows, lack } = matrixOn('linux', 'x64');
    expect(lack).toBeUndefined();
    expect(rows[0]).toEqual({ place: rows[0]!.place, threads: 1 });
    expect(new Set(rows.map(({ place }) => `${processorOf(place)} ${place.node}`))).toEqual(
      new Set(['x86-64 20.1.0', 'x86-64 22.1.0', 'arm64 (qemu) 20.1.0', 'arm64 (qemu) 24.1.0']),
    );
    expect(new Set(rows.map(({ threads }) => threads))).toEqual(new Set([1, 2, 3, 8]));
    expect(new Set(rows.map(({ flag }) => flag))).toEqual(
      new Set([
        undefined,
        '--no-enable-avx',
        '--no-enable-avx2',
        '--no-enable-fma3',
        '--liftoff-only',
      ]),
    );
    expect(new Set(rows.map(courseOf))).toEqual(
      new Set([
        'whole',
        'killed, resumed',
        'killed, resumed on x86-64, Node.js 22.1.0',
        'killed, resumed on arm64 (qemu), Node.js 24.1.0',
      ]),
    );
  });

  it('has no two equal rows', () => {
    const { rows } = matrixOn('linux', 'x64');
    expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(rows.length);
  });

  it('leaves out what a machine cannot run, and says so', () => {
    const onArm = matrixOn('linux', 'arm64');
    expect(onArm.lack).toBe('an emulated processor');
    expect(onArm.rows.some(({ place }) => place.isEmulated)).toBe(false);
    expect(onArm.rows.some(({ flag }) => flag === '--no-enable-avx')).toBe(false);
    const onMac = matrixOn('darwin', 'arm64');
    expect(onMac.lack).toMatch(/^other versions of Node\.js/);
    expect(new Set(onMac.rows.map(({ place }) => place.node))).toEqual(new Set(['26.5.0']));
  });
});

// Helpers

function matrixOn(platform: string, processor: string) {
  return matrixHere({ platform, processor, node: '26.5.0' }, (name) => VERSIONS[name]);
}
