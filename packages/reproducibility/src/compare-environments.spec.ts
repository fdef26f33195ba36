import { comparableEnvironment } from './comparable-environment';
import { compareEnvironments, lockFileDifferences } from './compare-environments';

const HASHES = ['a'.repeat(64), 'b'.repeat(64)] as const;

describe('compareEnvironments()', () => {
  it('says what is expected, what is there, and how to mend it', () => {
    const expected = {
      lock_file: { name: 'package-lock.json', sha256: HASHES[0] },
      node: '20.20.2',
      packages: { zod: '4.0.0' },
    };
    const present = {
      lock_file: { name: 'package-lock.json', sha256: HASHES[1] },
      node: '22.1.0',
      packages: {},
    };
    expect(compareEnvironments(expected, present)).toEqual([
      {
        what: 'lock_file.sha256',
        expected: HASHES[0],
        present: HASHES[1],
        remedy: 'restore the package-lock.json that is expected, npm ci',
      },
      {
        what: 'node',
        expected: '20.20.2',
        present: '22.1.0',
        remedy: 'install Node 20.20.2, npm ci',
      },
      { what: 'packages.zod', expected: '4.0.0', present: null, remedy: 'npm ci' },
    ]);
  });

  it('compares the packages of another program in what both need', () => {
    const train = { program: 'train', packages: { both: '1.0.0', alone: '1.0.0' } };
    const evaluate = { program: 'evaluate', packages: { both: '2.0.0', other: '1.0.0' } };
    expect(compareEnvironments(train, evaluate).map(({ what }) => what)).toEqual(['packages.both']);
  });

  it('passes over threads where no bit depends on them, and over a version that is not known', () => {
    const of = (name: string, threads: number, version: string | null = null) => ({
      backend: { name, threads, version },
    });
    expect(compareEnvironments(of('wasm', 1), of('wasm', 4))).toEqual([]);
    expect(compareEnvironments(of('cpu', 1), of('cpu', 4, '2.18.0'))).toMatchObject([
      { what: 'backend.threads', expected: '1', present: '4' },
    ]);
  });

  it('tells a package once, and passes over one whose version was taken for a secret', () => {
    const of = (tfjs: string, token: string) => ({
      tfjs,
      packages: { '@tensorflow/tfjs': tfjs, 'token': token },
    }); // prettier-ignore
    const differences = compareEnvironments(of('4.21.0', '[redacted]'), of('4.22.0', '1.0.0'));
    expect(differences.map(({ what }) => what)).toEqual(['packages.@tensorflow/tfjs']);
  });

  it('takes several versions of a package for other ones only where neither program has all of the other', () => {
    const of = (program: string, versions: string) => ({ program, packages: { ms: versions } });
    const train = of('train', '2.0.0, 2.1.3');
    expect(compareEnvironments(train, of('evaluate', '2.1.3'))).toEqual([]);
    expect(compareEnvironments(of('evaluate', '2.1.3'), train)).toEqual([]);
    expect(compareEnvironments(train, of('evaluate', '2.1.4'))).toHaveLength(1);
    expect(compareEnvironments(train, of('train', '2.1.3'))).toHaveLength(1);
  });

  it('tells that there is no lock file, or one where none was', () => {
    const lock = { lock_file: { name: 'yarn.lock', sha256: HASHES[0] } };
    const none = { lock_file: null };
    expect(compareEnvironments(lock, none)).toMatchObject([
      { what: 'lock_file.name', expected: 'yarn.lock', present: null },
    ]);
    expect(compareEnvironments(none, lock)).toMatchObject([
      { what: 'lock_file.name', expected: null, present: 'yarn.lock' },
    ]);
  });
});

describe('lockFileDifferences()', () => {
  it('gives packages that are installed otherwise than locked', () => {
    const package_differences = [
      { name: 'a', installed: '1.0.0', locked: ['2.0.0', '3.0.0'] },
      { name: 'b', installed: null, locked: [] },
    ];
    expect(lockFileDifferences({ package_differences })).toEqual([
      { what: 'packages.a', expected: '2.0.0 or 3.0.0', present: '1.0.0', remedy: 'npm ci' },
      { what: 'packages.b', expected: null, present: null, remedy: 'npm ci' },
    ]);
  });
});

describe('comparableEnvironment()', () => {
  const system = { platform: 'linux', arch: 'x64', node: '20.20.2', packages: {} };

  it('takes from a manifest what was not captured', () => {
    const facts = {
      node: 'v18.0.0',
      tfjs: null,
      tensorflow: '2.18.0',
      cuda: null,
      backend: null,
      env_lock: { name: 'package-lock.json', hash: HASHES[0] },
    };
    expect(comparableEnvironment(null, facts)).toMatchObject({
      node: '18.0.0',
      lock_file: { name: 'package-lock.json', sha256: HASHES[0] },
      backend: null,
    });
    expect(comparableEnvironment({ system, standard: null }, facts)).toMatchObject({
      node: '20.20.2',
      platform: 'linux',
      tensorflow: '2.18.0',
      lock_file: { name: 'package-lock.json' },
    });
  });

  it('does not take a manifest that is silent of the lock file for one without it', () => {
    const { lock_file } = comparableEnvironment(null, { env_lock: { name: null, hash: null } });
    expect(lock_file).toBeUndefined();
  });
});
