import { join, resolve } from 'node:path';
import { workerEntry } from './worker-entry';

const root = resolve('checkout');

describe('workerEntry', () => {
  it('stands beside a caller in dist', () => {
    const caller = join(root, 'packages/data/dist/loader/loader.js');
    expect(workerEntry(caller, 'worker')).toBe(join(root, 'packages/data/dist/loader/worker.js'));
  });

  it('stands in dist for a caller in src', () => {
    const caller = join(root, 'packages/data/src/loader/loader.ts');
    expect(workerEntry(caller, 'worker')).toBe(join(root, 'packages/data/dist/loader/worker.js'));
  });

  it('leaves folders above the package alone', () => {
    const caller = join(root, 'src/checkout/packages/data/dist/loader.js');
    expect(workerEntry(caller, 'worker')).toBe(
      join(root, 'src/checkout/packages/data/dist/worker.js'),
    );
  });

  it('refuses a name with a path in it', () => {
    expect(() => workerEntry(join(root, 'dist/a.js'), '../b')).toThrow(RangeError);
  });
});
