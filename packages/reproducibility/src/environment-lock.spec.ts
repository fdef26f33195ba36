import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import { DataError, EnvironmentError, sha256 } from '@pixelis/core';

import {
  captureEnvironmentLock,
  readEnvironmentLock,
  writeEnvironmentLock,
} from './environment-lock';
import { environmentLockFile, findEnvironmentLock } from './find-environment-lock';

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'pixelis-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

const env = { PATH: '' };

describe('captureEnvironmentLock()', () => {
  it('holds what programs are compared by, and neither clock, path, user nor host', () => {
    const backend = { name: 'cpu', version: '2.18.0', threads: 2 };
    const options = { folder: __dirname, name: 'own', env, backend, tensorflow: '2.18.0' };
    const lock = captureEnvironmentLock(options);
    expect(lock).toMatchObject({
      env_lock_version: 1,
      name: 'own',
      program: '@pixelis/reproducibility',
      lock_file: { name: 'package-lock.json', sha256: expect.any(String) as string },
      node: process.versions.node,
      platform: process.platform,
      arch: process.arch,
      backend,
      tensorflow: '2.18.0',
      packages: { '@pixelis/core': expect.any(String) as string },
    });
    expect(captureEnvironmentLock(options)).toEqual(lock);
    const text = JSON.stringify(lock);
    for (const told of [hostname(), homedir(), process.cwd(), String(new Date().getFullYear())])
      expect(text.replace(/"sha256":"[^"]*"/, '')).not.toContain(`"${told}`);
    expect(Object.keys(lock)).not.toContain('limits');
  });

  it('does not ask for CUDA or a backend where none is known', () => {
    const lock = captureEnvironmentLock({ folder: __dirname, env });
    expect([lock.cuda, lock.backend, lock.tensorflow, lock.name]).toEqual([
      undefined,
      undefined,
      undefined,
      null,
    ]);
  });
});

describe('readEnvironmentLock()', () => {
  const path = () => join(folder, 'env.lock.json');

  it('reads what writeEnvironmentLock() wrote, byte for byte the same when it is written again', () => {
    const lock = captureEnvironmentLock({ folder: __dirname, env, backend: { name: 'wasm' } });
    const hash = writeEnvironmentLock(path(), lock);
    const text = readFileSync(path(), 'utf8');
    expect(hash).toBe(sha256(text));
    expect(readEnvironmentLock(path())).toEqual(lock);
    expect(writeEnvironmentLock(path(), readEnvironmentLock(path()))).toBe(hash);
  });

  it.each([
    ['{', /^env\.lock\.json is no environment lock: it is no JSON$/],
    ['', /it is no JSON$/],
    ['[]', /it is no object$/],
    ['{}', /^env\.lock\.json is no environment lock: its env_lock_version is not 1$/],
    ['{"env_lock_version":1,"nod":"20"}', /the key "nod" is unknown/],
    ['{"env_lock_version":1,"node":20}', /node is 20/],
    ['{"env_lock_version":1,"packages":{"a":1}}', /packages is/],
    ['{"env_lock_version":1,"packages":["a"]}', /packages is/],
    ['{"env_lock_version":1,"lock_file":{"name":"a","sha256":"x"}}', /lock_file is/],
    ['{"env_lock_version":1,"backend":{"name":"cpu","threads":0}}', /backend is/],
  ])('refuses %s', (text, message) => {
    writeFileSync(path(), text);
    expect(() => readEnvironmentLock(path())).toThrow(message);
    expect(() => readEnvironmentLock(path())).toThrow(DataError);
  });

  it('refuses a later version clearly, as what this installation lacks, and a file that is missing', () => {
    writeFileSync(path(), '{"env_lock_version":2}');
    expect(() => readEnvironmentLock(path())).toThrow(EnvironmentError);
    expect(() => readEnvironmentLock(path())).toThrow(
      /^env\.lock\.json is an environment lock of version 2, later than 1$/,
    );
    expect(() => readEnvironmentLock(join(folder, 'none.json'))).toThrow(DataError);
    expect(() =>
      writeEnvironmentLock(join(folder, 'no', 'a.json'), { env_lock_version: 1, name: null }),
    ).toThrow(DataError);
  });
});

describe('findEnvironmentLock()', () => {
  it("finds the program's own beside the lock file, else that of all", () => {
    const program = join(folder, 'apps', 'train', 'dist');
    mkdirSync(program, { recursive: true });
    writeFileSync(join(folder, 'apps/train/package.json'), '{"name":"@own/train"}');
    const lock = captureEnvironmentLock({ folder: __dirname, env });
    writeEnvironmentLock(join(folder, 'env.lock.json'), lock);
    expect(findEnvironmentLock(program)).toBeNull();
    writeFileSync(join(folder, 'package-lock.json'), '{}');
    expect(findEnvironmentLock(program)).toEqual({ file: 'env.lock.json', lock });
    writeEnvironmentLock(join(folder, environmentLockFile('@own/train')), lock);
    expect(findEnvironmentLock(program)?.file).toBe('env.train.lock.json');
    expect(findEnvironmentLock(folder)?.file).toBe('env.lock.json');
  });
});
