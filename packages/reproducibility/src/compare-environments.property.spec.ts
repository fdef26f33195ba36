import * as fc from 'fast-check';

import { comparableEnvironment, type ComparableEnvironment } from './comparable-environment';
import { compareEnvironments } from './compare-environments';
import { captureEnvironment } from './environment';
import { captureEnvironmentLock } from './environment-lock';

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const version = fc.stringMatching(/^[0-9]\.[0-9]{1,2}\.[0-9]$/);
const hash = fc.stringMatching(/^[0-9a-f]{64}$/);

/** Everything is known of it. */
const whole = fc.record({
  program: fc.constant('own'),
  lock_file: fc.record({ name, sha256: hash }),
  node: version,
  platform: fc.constantFrom('linux', 'darwin', 'win32'),
  arch: fc.constantFrom('x64', 'arm64'),
  backend: fc.record({
    name: fc.constantFrom('cpu', 'gpu', 'webgpu'),
    version,
    threads: fc.integer({ min: 1, max: 64 }),
  }),
  tensorflow: version,
  tfjs: version,
  cuda: version,
  packages: fc.dictionary(name, version, { minKeys: 1 }),
});
type Whole = typeof whole extends fc.Arbitrary<infer T> ? T : never;

type Change = (environment: Whole) => ComparableEnvironment;

/** Single changes by what must be named. */
const CHANGES: Readonly<Record<string, Change>> = {
  'lock_file.name': (e) => ({ ...e, lock_file: { ...e.lock_file, name: `${e.lock_file.name}x` } }),
  'lock_file.sha256': (e) => ({
    ...e,
    lock_file: { ...e.lock_file, sha256: e.lock_file.sha256.replace(/^./, 'x') },
  }),
  'node': (e) => ({ ...e, node: `${e.node}0` }),
  'platform': (e) => ({ ...e, platform: 'aix' }),
  'arch': (e) => ({ ...e, arch: 'riscv64' }),
  'backend.name': (e) => ({ ...e, backend: { ...e.backend, name: 'other' } }),
  'backend.version': (e) => ({
    ...e,
    backend: { ...e.backend, version: `${e.backend.version}0` },
  }),
  'backend.threads': (e) => ({
    ...e,
    backend: { ...e.backend, threads: e.backend.threads + 1 },
  }),
  'tensorflow': (e) => ({ ...e, tensorflow: null }),
  'tfjs': (e) => ({ ...e, tfjs: `${e.tfjs}0` }),
  'cuda': (e) => ({ ...e, cuda: null }),
}; // prettier-ignore

const whats = (a: ComparableEnvironment, b: ComparableEnvironment) =>
  compareEnvironments(a, b).map(({ what }) => what);

describe('compareEnvironments()', () => {
  it('never tells a captured environment from itself', () => {
    const folder = __dirname;
    for (const level of ['basic', 'standard'] as const) {
      const captured = captureEnvironment({ level, folder });
      const again = comparableEnvironment(captureEnvironment({ level, folder }));
      expect(compareEnvironments(comparableEnvironment(captured), again)).toEqual([]);
      expect(compareEnvironments(captureEnvironmentLock({ folder }), again)).toEqual([]);
    }
    fc.assert(
      fc.property(whole, (environment) => {
        expect(compareEnvironments(environment, structuredClone(environment))).toEqual([]);
      }),
    );
  });

  it('names any single change, and nothing else, whichever is expected', () => {
    fc.assert(
      fc.property(whole, fc.constantFrom(...Object.entries(CHANGES)), (before, [what, change]) => {
        const after = change(before);
        expect(whats(before, after)).toEqual([what]);
        expect(whats(after, before)).toEqual([what]);
      }),
    );
  });

  it('names any package that was changed, added or removed', () => {
    fc.assert(
      fc.property(whole, fc.nat(), (before, at) => {
        const names = Object.keys(before.packages);
        const chosen = names[at % names.length] ?? '';
        const { [chosen]: old, ...rest } = before.packages;
        const changed = { ...before, packages: { ...before.packages, [chosen]: `${old}0` } };
        expect(whats(before, changed)).toEqual([`packages.${chosen}`]);
        expect(whats(before, { ...before, packages: rest })).toEqual([`packages.${chosen}`]);
        expect(whats({ ...before, packages: rest }, before)).toEqual([`packages.${chosen}`]);
      }),
    );
  });

  it('compares nothing with what is not known', () => {
    fc.assert(
      fc.property(
        whole,
        whole,
        fc.subarray(['lock_file', 'node', 'platform', 'arch', 'backend', 'cuda', 'packages']),
        (a, b, unknown) => {
          const less = Object.fromEntries(
            Object.entries(b).filter(([key]) => !unknown.includes(key)),
          );
          const named = whats(a, less).map((what) => what.split('.')[0]);
          expect(unknown.filter((key) => named.includes(key))).toEqual([]);
        },
      ),
    );
  });
});
