import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useTemporaryFolder } from '../test/support/temporary-folder';
import { requireEnvironment } from './require-environment';

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
  const check = (envPolicy: 'strict' | 'warn' | 'ignore', { isForced = false } = {}) => {
    const warnings: string[] = [];
    let table = '';
    const told = {
      warn: (message: string) => void warnings.push(message),
      print: (text: string) => void (table += text),
    };
    try {
      requireEnvironment({ envPolicy, isForced, folder, out: join(folder, 'out'), ...told });
      return { warnings, table };
    } catch (error) {
      return { error, warnings, table };
    }
  };
  return { check, put };
}
