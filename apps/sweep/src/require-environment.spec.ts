import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useTemporaryFolder } from '../test/support/temporary-folder';
import { requireEnvironment } from './require-environment';
import type { TrialAnswer } from './trial-question';

const temporaryFolder = useTemporaryFolder();

describe('requireEnvironment()', () => {
  it('requireEnvironment() refuses a package that is not the locked one by strict alone', () => {
    const { check, put } = program();
    expect(check('strict')).toEqual({ warnings: [], table: '' });
    put('node_modules/a/package.json', { name: 'a', version: '2.0.0' });
    expect(check('strict')).toMatchObject({
      error: { code: 'ENVIRONMENT_DIFFERS', exitCode: 3 },
      table: expect.stringMatching(/packages\.a +1\.0\.0 +2\.0\.0/) as string,
    });
    expect(check('warn')).toEqual({ warnings: [], table: '' });
    expect(check('ignore')).toEqual({ warnings: [], table: '' });
  });

  it('requireEnvironment() refuses by strict each backend that is not the locked one', () => {
    const { check, put } = program();
    put('env.lock.json', { env_lock_version: 1, name: null, backend: { name: 'wasm' } });
    const [wasm, cpu] = ['wasm', 'cpu'].map((name) => {
      return { tensorflow: null, backend: { name, version: '1', threads: 1 } };
    });
    expect(check('strict', { backends: [wasm] })).toEqual({ warnings: [], table: '' });
    expect(check('strict', { backends: [wasm, cpu] })).toMatchObject({
      error: { code: 'ENVIRONMENT_DIFFERS', exitCode: 3 },
      table: expect.stringMatching(/backend\.name +wasm +cpu/) as string,
    });
  });

  it('requireEnvironment() refuses an environment lock that is none, unless all is ignored', () => {
    const { check, put } = program();
    put('env.lock.json', {});
    for (const policy of ['strict', 'warn'] as const)
      expect(check(policy)).toMatchObject({ error: { code: 'ENV_LOCK_INVALID', exitCode: 4 } });
    expect(check('ignore')).toEqual({ warnings: [], table: '' });
  });

  it('requireEnvironment() goes on by force, with a warning', () => {
    const { check, put } = program();
    put('node_modules/a/package.json', { name: 'a', version: '2.0.0' });
    const { error, warnings } = check('strict', { isForced: true });
    expect(error).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('packages.a is 2.0.0')]);
  });
});

// Helpers

/** A program with one package, installed as its lock file says. */
function program() {
  const folder = temporaryFolder();
  const put = (path: string, content: object): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), JSON.stringify(content));
  };
  put('package.json', { name: 'own', dependencies: { a: '1' } });
  put('package-lock.json', { packages: { 'node_modules/a': { version: '1.0.0' } } });
  put('node_modules/a/package.json', { name: 'a', version: '1.0.0' });
  const check = (
    envPolicy: 'strict' | 'warn' | 'ignore',
    { isForced = false, backends = [] as readonly (TrialAnswer | undefined)[] } = {},
  ) => {
    const warnings: string[] = [];
    let table = '';
    const told = {
      warn: (message: string) => void warnings.push(message),
      print: (text: string) => void (table += text),
    };
    try {
      const known = backends.flatMap((backend) => backend ?? []);
      const options = { envPolicy, isForced, folder, out: join(folder, 'out'), backends: known };
      requireEnvironment({ ...options, ...told });
      return { warnings, table };
    } catch (error) {
      return { error, warnings, table };
    }
  };
  return { check, put };
}
