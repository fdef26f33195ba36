import { planInstallation } from './installation-plan';
import { PINNED_INSTALLATIONS } from './pinned-wheels';
import { thrownBy } from '../test/thrown-by';

const HASH = 'a'.repeat(64);
const KNOWN = PINNED_INSTALLATIONS[0]!.tensorflow;

describe('planInstallation()', () => {
  it('takes the newest version that is pinned', () => {
    const plan = planInstallation({ variant: 'cpu' }, 'x64');

    expect(plan).toMatchObject({ version: '2.21.0', wheels: [KNOWN] });
  });

  it('takes the version that is asked for', () => {
    const plan = planInstallation({ variant: 'cpu', version: '2.20.0' }, 'arm64');

    expect(plan.wheels.map(({ file }) => file)).toEqual([
      'tensorflow-2.20.0-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl',
    ]);
  });

  it('adds the libraries of CUDA for a GPU, also to a wheel that is given', () => {
    const { wheels } = planInstallation({ variant: 'gpu' }, 'x64');
    const given = planInstallation({ variant: 'gpu', wheel: `/there/${wheels[0]!.file}` }, 'x64');

    expect(wheels.length).toBeGreaterThan(10);
    expect(given.wheels.slice(1)).toEqual(wheels.slice(1));
    expect(given.wheels[0]).toMatchObject({ path: `/there/${wheels[0]!.file}` });
  });

  it('knows the hash of a pinned wheel that is given, unless another is given with it', () => {
    const wheel = `some/folder/${KNOWN.file}`;

    expect(planInstallation({ variant: 'cpu', wheel }, 'x64').wheels).toEqual([
      { file: KNOWN.file, sha256: KNOWN.sha256, bytes: 0, path: wheel },
    ]);
    expect(planInstallation({ variant: 'cpu', wheel, sha256: HASH }, 'x64').wheels[0]?.sha256).toBe(
      HASH,
    );
  });

  it('takes any other wheel of TensorFlow with its hash', () => {
    const wheel = 'tensorflow_cpu-2.99.0-cp313-cp313-manylinux_2_27_x86_64.whl';

    expect(planInstallation({ variant: 'cpu', wheel, sha256: HASH }, 'x64')).toMatchObject({
      version: '2.99.0',
      wheels: [{ file: wheel, sha256: HASH, path: wheel }],
    });
  });

  it.each([
    ['VERSION_UNKNOWN', { variant: 'cpu', version: '1.0.0' }, 'x64', '1.0.0'],
    ['VERSION_UNKNOWN', { variant: 'gpu' }, 'arm64', 'arm64'],
    ['SHA256_INVALID', { variant: 'cpu', wheel: KNOWN.file, sha256: 'AA' }, 'x64', 'AA'],
    ['SHA256_UNUSED', { variant: 'cpu', sha256: HASH }, 'x64', '--wheel'],
    ['WHEEL_UNSUITABLE', { variant: 'cpu', wheel: 'tensorflow.zip' }, 'x64', 'not that of a wheel'],
    ['WHEEL_UNSUITABLE', { variant: 'gpu', wheel: KNOWN.file }, 'x64', 'variant gpu needs'],
    ['WHEEL_UNSUITABLE', { variant: 'cpu', wheel: KNOWN.file }, 'arm64', 'not for Linux on arm64'],
    [
      'WHEEL_UNSUITABLE',
      { variant: 'cpu', wheel: KNOWN.file, version: '2.20.0' },
      'x64',
      'version 2.21.0, not 2.20.0',
    ],
    [
      'WHEEL_UNSUITABLE',
      { variant: 'cpu', wheel: 'numpy-2.0.0-cp311-cp311-manylinux_2_27_x86_64.whl' },
      'x64',
      'tensorflow_cpu or tensorflow',
    ],
    [
      'SHA256_MISSING',
      { variant: 'cpu', wheel: 'tensorflow_cpu-2.99.0-cp313-cp313-manylinux_2_27_x86_64.whl' },
      'x64',
      'not pinned',
    ],
    [
      'VERSION_UNKNOWN',
      {
        variant: 'gpu',
        wheel: 'tensorflow-2.99.0-cp313-cp313-manylinux_2_27_x86_64.whl',
        sha256: HASH,
      },
      'x64',
      '2.99.0',
    ],
  ] as const)('refuses with %s: %j on %s', (code, request, arch, message) => {
    expect(thrownBy(() => planInstallation(request, arch))).toMatchObject({
      code,
      exitCode: 2,
      message: expect.stringContaining(message) as unknown,
    });
  });
});
