import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WORKSPACE_ROOT } from '../src/workspace';

const HOOK = join(WORKSPACE_ROOT, 'tools/hooks/pre-commit');

let repository: string;

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'pixelis-hook-'));
  git('init', '--quiet');
  write('eslint.config.mjs', "export default [{ rules: { 'no-var': 'error' } }];\n");
});

afterEach(() => {
  rmSync(repository, { recursive: true, force: true, maxRetries: 5 });
});

describe('pre-commit', () => {
  it('passes where nothing is staged, and where what is staged keeps the rules', () => {
    write('unstaged.js', 'var  a');
    expect(runHook().status).toBe(0);
    write('b.js', 'export const b = 1;\n');
    git('add', 'b.js');
    expect(runHook()).toMatchObject({ status: 0, stderr: '' });
  });

  it('refuses a staged file that is not formatted', () => {
    write('a name with spaces.json', '{"a":1}');
    git('add', '.');
    const { status, stderr } = runHook();
    expect(status).toBe(1);
    expect(stderr).toContain('a name with spaces.json');
    expect(stderr).toContain('Nothing was committed');
  });

  it('refuses a staged file that breaks a lint rule', () => {
    write('c.js', 'var c = 1;\n');
    git('add', '.');
    const { status, stdout } = runHook();
    expect(status).toBe(1);
    expect(stdout).toContain('no-var');
  });
});

// Helpers

function write(name: string, text: string): void {
  writeFileSync(join(repository, name), text);
}

/** The variables of a git that may run this test as a hook would lead to its own repository. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')),
  );
}

function git(...words: string[]): void {
  execFileSync('git', words, { cwd: repository, env: environment() });
}

function runHook(): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [HOOK], {
    cwd: repository,
    env: environment(),
    encoding: 'utf8',
  });
}
