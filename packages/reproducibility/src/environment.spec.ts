import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

import { captureEnvironment, type CaptureLevel } from './environment';
import { publicRemote, readGitState } from './git-state';
import { installedPackages } from './installed-packages';
import { getSystemInfo } from './system-info';

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'pixelis-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('getSystemInfo()', () => {
  it('getSystemInfo() describes machine and software (A5)', () => {
    const info = getSystemInfo();
    expect(info).toMatchObject({
      platform: process.platform,
      arch: process.arch,
      node: process.versions.node,
      v8: process.versions.v8,
      cpu: { count: expect.any(Number) as number },
    });
    expect(info.memory_bytes).toBeGreaterThan(0);
    expect(info.packages['@pixelis/core']).toMatch(/^\d+\.\d+\.\d+/);
    expect(info.packages['@tensorflow/tfjs-core']).toMatch(/^4\./);
    expect(JSON.parse(JSON.stringify(info))).toEqual(info);
  });

  it('getSystemInfo() and captureEnvironment() hold no user, host, path or environment variable (A5)', () => {
    process.env['PIXELIS_TEST_SECRET'] = 'hush-8c1f';
    const text = JSON.stringify([captureEnvironment().system, captureEnvironment().git.remote]);
    delete process.env['PIXELIS_TEST_SECRET'];
    expect(text).not.toContain('hush-8c1f');
    expect(text).not.toContain(`"${hostname()}"`);
    expect(text).not.toContain(homedir());
    expect(text).not.toContain(process.cwd());
    expect(text).not.toContain(`"${userInfo().username}"`);
  });
});

describe('captureEnvironment()', () => {
  it('captureEnvironment() is equal at another time (A8)', () => {
    expect(captureEnvironment()).toEqual(captureEnvironment({ level: 'basic' }));
    expect(captureEnvironment().level).toBe('basic');
  });

  it('captureEnvironment() adds at each level to the one before (A8)', () => {
    const at = (level: CaptureLevel) =>
      captureEnvironment({ level, folder: __dirname, argv: [], env: {} });
    const [basic, standard, complete] = [at('basic'), at('standard'), at('complete')];
    expect(basic).toMatchObject({ standard: null, complete: null, diff: null });
    expect(standard).toMatchObject({ system: basic.system, git: basic.git, complete: null });
    expect(complete).toMatchObject({ level: 'complete', standard: standard.standard });
    expect(standard.standard).toMatchObject({
      lock_file: { name: 'package-lock.json' },
      packages: { '@pixelis/core': expect.any(String) as string },
      job: null,
      process: { argv: [], variables: {} },
    });
    expect(Object.keys(complete.complete?.all_packages ?? {})).toContain('typescript');
    const json = { ...complete, diff: null };
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  });
});

describe('installedPackages()', () => {
  it('installedPackages() prefers the nearest, and passes over what is no package', () => {
    const put = (path: string, manifest: string) => {
      mkdirSync(join(folder, path), { recursive: true });
      writeFileSync(join(folder, path, 'package.json'), manifest);
    };
    put('node_modules/@pixelis/zeta', '{"version":"1.0.0"}');
    put('node_modules/@pixelis/alpha', '{"version":"1.0.0"}');
    put('node_modules/@pixelis/broken', '{');
    put('node_modules/@pixelis/none', '{"version":1}');
    put('node_modules/other', '{"version":"1.0.0"}');
    put('app/node_modules/@pixelis/zeta', '{"version":"2.0.0"}');
    const packages = installedPackages([join(folder, 'app'), folder]);
    expect(JSON.stringify(packages)).toMatch(
      /^\{"@pixelis\/alpha":"1\.0\.0","@pixelis\/zeta":"2\.0\.0"/,
    );
    expect(Object.keys(packages)).not.toContain('@pixelis/broken');
    expect(Object.keys(packages)).not.toContain('@pixelis/none');
  });
});

describe('readGitState()', () => {
  const nothing = { commit: null, branch: null, is_dirty: null, remote: null };

  function git(...commandArguments: string[]): string {
    const identity = [
      '-c',
      'user.name=A',
      '-c',
      'user.email=a@example.org',
      '-c',
      'commit.gpgsign=false',
    ];
    return execFileSync('git', [...identity, ...commandArguments], {
      cwd: folder,
      encoding: 'utf8',
    });
  }

  it('readGitState() gives nulls where there is no checkout, and no git', () => {
    expect(readGitState(folder)).toEqual(nothing);
    const module = JSON.stringify(join(__dirname, '../dist/git-state.js'));
    const program = `console.log(JSON.stringify(require(${module}).readGitState(process.cwd())))`;
    const options = { encoding: 'utf8', env: { ...process.env, PATH: folder } } as const;
    const output: unknown = JSON.parse(execFileSync(process.execPath, ['-e', program], options));
    expect(output).toEqual(nothing);
  });

  it('readGitState() reads commit, branch, dirt and remote (A8)', () => {
    git('init', '--quiet', '--initial-branch=trunk');
    expect(readGitState(folder)).toEqual({ ...nothing, branch: 'trunk', is_dirty: false });
    writeFileSync(join(folder, 'a.txt'), 'a');
    git('add', 'a.txt');
    expect(readGitState(folder).is_dirty).toBe(true);
    git('commit', '--quiet', '--message=a');
    git('remote', 'add', 'origin', 'https://user:hush@example.org/a/b.git');
    const commit = git('rev-parse', 'HEAD').trim();
    const remote = 'https://example.org/a/b.git';
    expect(readGitState(folder)).toEqual({ commit, branch: 'trunk', is_dirty: false, remote });
    writeFileSync(join(folder, 'new.txt'), 'new');
    expect(readGitState(folder).is_dirty).toBe(true);
    git('checkout', '--quiet', '--detach');
    expect(readGitState(folder)).toEqual({ commit, branch: null, is_dirty: true, remote });
  });

  it.each([
    ['https://user:pass@host.org/a.git', 'https://host.org/a.git'],
    ['https://ghp_token@host.org/a.git?access_token=x#y', 'https://host.org/a.git'],
    ['https://user:p%40ss@host.org:8443/a.git', 'https://host.org:8443/a.git'],
    ['ssh://git@host.org:22/a.git', 'ssh://host.org:22/a.git'],
    ['git@host.org:a/b.git', 'host.org:a/b.git'],
    ['host.org:a/b.git', 'host.org:a/b.git'],
    ['/home/somebody/a.git', null],
    ['../a.git', null],
    ['file:///home/somebody/a.git', null],
    ['C:\\Users\\somebody\\a.git', null],
    ['C:/Users/somebody/a.git', null],
    ['ext::sh -c something', null],
    ['https://', null],
    ['', null],
  ])('publicRemote() makes %p into %p', (remote, expected) => {
    expect(publicRemote(remote)).toBe(expected);
  });
});
