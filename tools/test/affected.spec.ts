import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { WORKSPACE_ROOT } from '../src/workspace';

const AFFECTED = join(WORKSPACE_ROOT, 'tools/affected.cjs');
const SERVICES = join(WORKSPACE_ROOT, 'tools/test-services.cjs');
/** Stands for nx: prints what it is asked, and knows of no project that changed. */
const NX = `
const words = process.argv.slice(2);
if (words[0] === 'show') console.error(words.join(' '));
console.log(words[0] === 'show' ? '[]' : words.join(' '));
process.exitCode = words.includes('broken') ? 7 : 0;
`;

let repository: string;

beforeAll(() => {
  repository = mkdtempSync(join(tmpdir(), 'pixelis-affected-'));
  write('package.json', '{}');
  write('node_modules/nx/bin/nx.js', NX);
  write('packages/a/package.json', '{"nx":{"name":"a"}}');
  write('packages/a/test/services/a.spec.ts', '');
  write('apps/b/package.json', '{"nx":{"name":"b"}}');
  git('init', '--quiet');
  commit('first');
});

afterAll(() => {
  rmSync(repository, { recursive: true, force: true, maxRetries: 5 });
});

describe('affected.cjs', () => {
  it.each([
    ['none is given', []],
    ['it is empty', ['--base=']],
    ['it is of no branch yet', [`--base=${'0'.repeat(40)}`]],
    ['it is not here', ['--base=0123456789012345678901234567890123456789']],
    ['the first commit has none before it', ['--base=HEAD^']],
    ['it looks like an option', ['--base=--help']],
  ])('runs a target of all projects where %s as the base', (_, words) => {
    const ending = run(AFFECTED, 'test', ...words, '--skip-nx-cache');
    expect(ending).toMatchObject({
      status: 0,
      stdout: 'run-many -t test --parallel=2 --skip-nx-cache\n',
      stderr: '',
    });
  });

  it('runs a target of what changed since a commit that is here', () => {
    const { status, stdout } = run(AFFECTED, 'lint', '--base=HEAD', '--verbose');
    expect(status).toBe(0);
    expect(stdout).toBe('affected --base=HEAD --head=HEAD -t lint --parallel=2 --verbose\n');
  });

  it('ends as nx does, and refuses to run nothing', () => {
    expect(run(AFFECTED, 'broken')).toMatchObject({ status: 1 });
    for (const words of [[], ['--base=HEAD']])
      expect(run(AFFECTED, ...words)).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringMatching(/^error: .*\nremedy: /) as string,
      });
  });
});

describe('test-services.cjs', () => {
  it('installs and runs nothing where no project that has such tests changed', () => {
    expect(run(SERVICES, '--base=HEAD')).toEqual(
      expect.objectContaining({
        status: 0,
        stdout: 'Nothing that has such tests was changed.\n',
        stderr: 'show projects --affected --base=HEAD --head=HEAD --json\n',
      }),
    );
  });
});

// Helpers

function write(path: string, text: string): void {
  const target = join(repository, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
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

function commit(message: string): void {
  git('add', '.');
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', message);
}

function run(script: string, ...words: string[]): ReturnType<typeof spawnSync> {
  const options = { cwd: repository, env: environment(), encoding: 'utf8' } as const;
  return spawnSync(process.execPath, [script, ...words], options);
}
