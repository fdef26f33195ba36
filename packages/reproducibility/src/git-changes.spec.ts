import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readGitChanges } from './git-changes';

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'pixelis-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('readGitChanges()', () => {
  it('readGitChanges() gives null without a checkout, and no diff before the first commit', () => {
    expect(readGitChanges(folder)).toBeNull();
    git('init', '--quiet');
    put('a.txt', 'a');
    expect(readGitChanges(folder)).toEqual({
      changes: {
        diff_sha256: null,
        diff_bytes: 0,
        left_out: [],
        untracked_files: ['a.txt'],
        untracked_count: 1,
        submodules: [],
      },
      diff: null,
    });
  });

  it('readGitChanges() gives a diff that git applies, from any folder and with any file name', () => {
    const names = ['a.txt', 'sub/b c.txt', 'ünï"x.txt', ':(top)d.txt', '-e.txt'];
    commit(Object.fromEntries(names.map((name) => [name, 'one\ntwo\nthree\n'])));
    for (const name of names) put(name, 'one\n2\nthree\n');
    git('add', 'a.txt');
    const { diff } = readGitChanges(join(folder, 'sub')) ?? {};
    git('reset', '--quiet', '--hard');
    execFileSync('git', ['apply', '--check'], { cwd: folder, input: diff ?? '' });
    expect(diff?.match(/^\+2$/gm)).toHaveLength(names.length);
    expect(diff).toBe(readAgain(names));
  });

  it('readGitChanges() runs no program and keeps the form that the configuration would change', () => {
    commit({ 'a.txt': 'one\n', '.gitattributes': '*.txt diff=own\n' });
    put('a.txt', 'two\n');
    const plain = readGitChanges(folder)?.diff;
    for (const [key, value] of [
      ['diff.external', 'false'],
      ['diff.own.textconv', 'false'],
      ['diff.noprefix', 'true'],
      ['color.ui', 'always'],
      ['diff.mnemonicPrefix', 'true'],
    ] as const) {
      git('config', key, value);
    }
    expect(plain).toContain('-one\n+two\n');
    expect(readGitChanges(folder)?.diff).toBe(plain);
  });

  it('readGitChanges() leaves out what is too large, and keeps the rest', () => {
    commit({ 'a.txt': '', 'large.txt': '', 'z.txt': '' });
    put('a.txt', 'small a\n');
    put('large.txt', 'large\n'.repeat(1000));
    put('z.txt', 'small z\n');
    const { diff, changes } = readGitChanges(folder, { diffBytesMax: 2000 }) ?? {};
    expect(changes?.left_out).toEqual([{ path: 'large.txt', reason: 'too_large' }]);
    expect(diff).toContain('+small a');
    expect(diff).toContain('+small z');
    expect(changes?.diff_bytes).toBeLessThanOrEqual(2000);
  });

  it('readGitChanges() takes out the lines of a key whose head the hunk does not show', () => {
    const line = (start: string) => start + 'aB3/'.repeat(15);
    commit({ 'a.txt': ['x', ...Array.from('abcdefgh', line)].join('\n') });
    put('a.txt', ['x', ...Array.from('abcdeFgh', line)].join('\n'));
    expect(readGitChanges(folder)?.diff).not.toContain('aB3/aB3/');
  });

  it('readGitChanges() names submodules with what is checked out', () => {
    const inner = join(folder, 'inner');
    mkdirSync(inner);
    git('init', '--quiet', 'outer');
    git('-C', 'inner', 'init', '--quiet');
    git('-C', 'inner', 'commit', '--quiet', '--allow-empty', '--message=a');
    git(
      '-C',
      'outer',
      '-c',
      'protocol.file.allow=always',
      'submodule',
      '--quiet',
      'add',
      inner,
      'parts/inner',
    );
    git('-C', 'outer', 'commit', '--quiet', '--message=a');
    const outer = join(folder, 'outer');
    const [recorded] = readGitChanges(outer)?.changes.submodules ?? [];
    expect(recorded).toEqual({
      path: 'parts/inner',
      commit: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
      status: 'recorded',
    });
    git('-C', 'outer/parts/inner', 'commit', '--quiet', '--allow-empty', '--message=b');
    expect(readGitChanges(outer)?.changes.submodules[0]?.status).toBe('changed');
    expect(readGitChanges(outer)?.diff).toContain('+Subproject commit');
  });
});

function readAgain(names: readonly string[]): string | null | undefined {
  for (const name of names) put(name, 'one\n2\nthree\n');
  return readGitChanges(folder)?.diff;
}

function commit(files: Readonly<Record<string, string>>): void {
  git('init', '--quiet');
  for (const [name, content] of Object.entries(files)) put(name, content);
  git('add', '.');
  git('commit', '--quiet', '--message=a');
}

function put(path: string, content: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
}

function git(...commandArguments: string[]): void {
  const identity = [
    '-c',
    'user.name=A',
    '-c',
    'user.email=a@example.org',
    '-c',
    'commit.gpgsign=false',
  ];
  execFileSync('git', [...identity, ...commandArguments], { cwd: folder });
}
