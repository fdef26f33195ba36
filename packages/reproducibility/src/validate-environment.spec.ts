import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import { EnvironmentError } from '@pixelis/core';
import fc from 'fast-check';

import { readGpuInfo } from './gpu-info';
import { requireEnvironment, validateEnvironment } from './validate-environment';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pixelis-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ROWS = 'NVIDIA A100-SXM4-80GB, 81920, 550.54.15\nNVIDIA RTX A4000, 16376, 550.54.15\n';
const TABLE = '| NVIDIA-SMI 550.54.15    Driver Version: 550.54.15    CUDA Version: 12.4     |';

/** An environment whose `nvidia-smi` prints this; a failing one without. */
function withSmi(rows: string, table = TABLE): NodeJS.ProcessEnv {
  const program = [
    `#!${process.execPath}`,
    `const isQuery = process.argv.length > 2;`,
    `console.log(isQuery ? ${JSON.stringify(rows)} : ${JSON.stringify(table)});`,
    `if (isQuery && ${JSON.stringify(rows)} === '') process.exit(9);`,
  ];
  writeFileSync(join(folder, 'nvidia-smi'), program.join('\n'));
  chmodSync(join(folder, 'nvidia-smi'), 0o755);
  return { PATH: [folder, dirname(process.execPath)].join(delimiter) };
}

const isPosix = process.platform !== 'win32';

describe('readGpuInfo()', () => {
  it('readGpuInfo() gives null without nvidia-smi, and where it fails', () => {
    expect(readGpuInfo({ env: { PATH: folder } })).toBeNull();
    if (isPosix) expect(readGpuInfo({ env: withSmi('') })).toBeNull();
  });

  if (isPosix) {
    it('readGpuInfo() reads name, memory, driver and CUDA version (A8)', () => {
      expect(readGpuInfo({ env: withSmi(ROWS) })).toEqual({
        devices: [
          { name: 'NVIDIA A100-SXM4-80GB', memory_bytes: 81920 * 1024 ** 2 },
          { name: 'NVIDIA RTX A4000', memory_bytes: 16376 * 1024 ** 2 },
        ],
        driver: '550.54.15',
        cuda_version: '12.4',
      });
      expect(readGpuInfo({ env: withSmi('NVIDIA GB10, [N/A], 580.95\n', '') })).toEqual({
        devices: [{ name: 'NVIDIA GB10', memory_bytes: null }],
        driver: '580.95',
        cuda_version: null,
      });
    });
  }
});

describe('validateEnvironment()', () => {
  it('validateEnvironment() finds nothing wrong where everything is met (A11)', () => {
    const env = isPosix ? withSmi(ROWS) : {};
    const gpu = isPosix ? { minGpuMemoryGb: 80, minCudaVersion: '12.4' } : {};
    const requirements = {
      packages: { '@tensorflow/tfjs-core': '^4.0.0', typescript: '*' },
      node: '>=20.19',
      minMemoryGb: 0.1,
      minDiskGb: 0,
      platform: [process.platform, 'plan9'],
      ...gpu,
    };
    expect(validateEnvironment(requirements, { env })).toEqual([]);
    expect(validateEnvironment({ packages: ['typescript'] })).toEqual([]);
    expect(validateEnvironment({})).toEqual([]);
    expect(() => requireEnvironment(requirements, { env })).not.toThrow();
  });

  it('validateEnvironment() names every miss with what was found, what was wanted and a remedy (A11)', () => {
    mkdirSync(join(folder, 'node_modules/old'), { recursive: true });
    writeFileSync(join(folder, 'node_modules/old/package.json'), '{"version":"1.2.3"}');
    const misses = validateEnvironment(
      {
        packages: { old: '^2.0.0', 'not-there': '*' },
        node: '>=999',
        minGpuMemoryGb: 8,
        minCudaVersion: '12.4',
        minMemoryGb: 1e9,
        minDiskGb: 1e9,
        platform: 'plan9',
      },
      { folder, env: { PATH: folder } },
    );
    expect(misses.map(({ requirement, wanted, found }) => [requirement, wanted, found])).toEqual([
      ['packages.old', '^2.0.0', '1.2.3'],
      ['packages.not-there', 'any version', null],
      ['min_memory_gb', '>= 1000000000 GB', expect.stringMatching(/^[\d.]+ GB$/)],
      ['min_disk_gb', '>= 1000000000 GB free', expect.stringMatching(/^[\d.]+ GB$/)],
      ['platform', 'plan9', process.platform],
      ['node', '>=999', process.versions.node],
      ['min_gpu_memory_gb', '>= 8 GB', null],
      ['min_cuda_version', '>= 12.4', null],
    ]);
    expect(misses[0]?.remedy).toBe('npm install "old@^2.0.0"');
    expect(misses.every(({ remedy }) => remedy.length > 10 && !remedy.includes('\n'))).toBe(true);
  });

  if (isPosix) {
    it('validateEnvironment() compares memory by the largest GPU, and CUDA by its numbers (A11)', () => {
      const env = withSmi(ROWS);
      const missed = (requirements: Parameters<typeof validateEnvironment>[0]) =>
        validateEnvironment(requirements, { env }).length;
      expect(missed({ minGpuMemoryGb: 85 })).toBe(0);
      expect(missed({ minGpuMemoryGb: 86 })).toBe(1);
      expect(
        ['11.8', '12', '12.4', '12.4.0'].map((minCudaVersion) => missed({ minCudaVersion })),
      ).toEqual([0, 0, 0, 0]);
      expect(['12.10', '12.5', '13'].map((minCudaVersion) => missed({ minCudaVersion }))).toEqual([
        1, 1, 1,
      ]);
    });
  }

  it.each([
    [{ packages: { a: 'not a range' } }, 'a must be a range'],
    [{ node: 'x.y' }, 'node must be a range'],
    [{ minCudaVersion: 'twelve' }, 'minCudaVersion must be a version'],
    [{ minGpuMemoryGb: -1 }, 'minGpuMemoryGb must be >= 0'],
    [{ minDiskGb: Number.NaN }, 'minDiskGb must be >= 0'],
  ])('validateEnvironment() refuses %j', (requirements, message) => {
    expect(() => validateEnvironment(requirements)).toThrow(RangeError);
    expect(() => validateEnvironment(requirements)).toThrow(message);
  });

  it('validateEnvironment() misses exactly the packages that are not there', () => {
    const names = ['typescript', '@tensorflow/tfjs-core', 'no-such-a', 'no-such-b'];
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...names)), (packages) => {
        const missed = validateEnvironment({ packages }).map(({ requirement }) => requirement);
        expect(missed).toEqual(
          packages.filter((name) => name.startsWith('no-')).map((name) => `packages.${name}`),
        );
      }),
      { numRuns: 20 },
    );
  });
});

describe('requireEnvironment()', () => {
  it('requireEnvironment() throws one error with all misses and remedies (A11)', () => {
    const requirements = { packages: { 'not-there': '^1.0.0' }, node: '>=999' };
    expect(() => requireEnvironment(requirements)).toThrow(EnvironmentError);
    expect(() => requireEnvironment(requirements)).toThrow(
      expect.objectContaining({
        code: 'ENVIRONMENT_UNFIT',
        exitCode: 3,
        message: `the environment does not do: packages.not-there must be ^1.0.0: found none; node must be >=999: found ${process.versions.node}`,
        remedy: expect.stringMatching(
          /^npm install "not-there@\^1\.0\.0"; install Node >=999/,
        ) as string,
      }) as Error,
    );
  });
});
