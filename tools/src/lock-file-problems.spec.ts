import { lockFileProblems } from './lock-file-problems';

const manifests = {
  '': { devDependencies: { swc: '^1.0.0' } },
  'packages/core': { dependencies: { zod: '^4.0.0' } },
};

const packages = {
  '': manifests[''],
  'node_modules/swc': { optionalDependencies: { 'swc-linux': '1.0.0', 'swc-darwin': '1.0.0' } },
  'node_modules/swc-linux': {},
  'node_modules/swc/node_modules/swc-darwin': {},
  'packages/core': manifests['packages/core'],
  'packages/core/node_modules/zod': {},
};

describe('lockFileProblems', () => {
  it('has nothing against a whole lock file', () => {
    expect(lockFileProblems({ packages }, manifests)).toEqual([]);
  });

  it('names what stands nowhere in the lock file', () => {
    const kept = Object.entries(packages).filter(([key]) => !key.endsWith('swc-darwin'));
    expect(lockFileProblems({ packages: Object.fromEntries(kept) }, manifests)).toEqual([
      'package-lock.json lacks "swc-darwin", which "node_modules/swc" asks for',
    ]);
  });

  it('names a package.json that was changed alone', () => {
    const changed = { ...manifests, 'packages/core': { dependencies: { zod: '^5.0.0' } } };
    expect(lockFileProblems({ packages }, changed)).toEqual([
      'package-lock.json has other dependencies of "packages/core" than its package.json',
    ]);
  });
});
