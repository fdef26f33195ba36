import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { WORKSPACE_ROOT } from '../src/workspace';

const HOOK = join(WORKSPACE_ROOT, 'tools/hooks/pre-commit');

let repository: string;

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'pixelis-hook-'));
  git('init', '--quiet');
  write('package.json', '{}\n');
  write('eslint.config.mjs', "export default [{ rules: { 'no-var': 'error' } }];\n");
  write('.prettierrc', '{ "singleQuote": true, "printWidth": 200 }\n');
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

  it('refuses types that do not fit, of the project of a staged file', () => {
    project('packages/a');
    write('packages/a/src/a.ts', "export const a: number = 'text';\n");
    git('add', '.');
    const { status, stdout, stderr } = runHook();
    expect(status).toBe(1);
    expect(stdout).toContain('TS2322');
    expect(stderr).toContain('types: "npx tsc -b packages/a" shows them again');
  });

  it('checks the types of a project of which a file was deleted', () => {
    project('packages/a');
    write('packages/a/src/b.ts', "import { a } from './a';\nexport const b = a;\n");
    commit();
    git('rm', '--quiet', 'packages/a/src/a.ts');
    const { status, stdout } = runHook();
    expect(status).toBe(1);
    expect(stdout).toMatch(/b\.ts[^]*module '\.\/a'/);
  });

  it('refuses a change that fails a test which reaches it, and runs no other test and no other project', () => {
    project('packages/a');
    project('packages/b');
    write('packages/a/src/b.spec.js', "it('is reached by nothing', () => expect(1).toBe(2));\n");
    write('packages/a/test/integration/a.spec.js', failing('../../src/a.js'));
    write('packages/a/test/services/a.spec.js', failing('../../src/a.js'));
    write('packages/b/src/a.spec.js', failing('./a.js'));
    commit();
    write('packages/a/src/a.js', 'exports.a = 2;\n');
    git('add', '.');
    const { status, stderr } = runHook();
    expect(status).toBe(1);
    expect(stderr).toContain('is one');
    expect(stderr).toMatch(/Tests: +1 failed, 1 total/);
    expect(stderr).toContain('tests of packages/a: "npx jest -c packages/a/jest.config.cjs"');
  });

  it('passes what keeps the types and the tests, and hands the repository of a hook to no test', () => {
    project('packages/a');
    write(
      'packages/a/src/a.spec.js',
      "require('./a.js');\nit('sees no git', () => expect(process.env.GIT_DIR).toBe(undefined));\n",
    );
    git('add', '.');
    const GIT_DIR = join(repository, '.git');
    expect(runHook({ GIT_DIR })).toMatchObject({ status: 0 });
  });

  it('names all that is wrong at once', () => {
    project('packages/a');
    write('packages/a/src/a.ts', "export const a : number = 'text'\n");
    write('packages/a/src/a.js', 'var b = 2;exports.a = b;\n');
    git('add', '.');
    const { status, stderr } = runHook();
    expect(status).toBe(1);
    const [, ...lines] = /Nothing was committed:\n((?: {2}.*\n)+)/.exec(stderr) ?? [];
    expect(lines.join('').match(/^ {2}[a-z]+/gm)).toEqual([
      '  format', '  lint', '  types', '  tests',
    ]); // prettier-ignore
  });
});

// Helpers

/** A project whose one source exists as TypeScript, and as JavaScript that its test looks at. */
function project(folder: string): void {
  write(`${folder}/package.json`, '{}\n');
  write(
    `${folder}/tsconfig.json`,
    '{ "compilerOptions": { "strict": true, "rootDir": "src", "outDir": "dist", "types": [], "lib": ["es5"] }, "include": ["src/*.ts"] }\n',
  );
  write(`${folder}/jest.config.cjs`, 'module.exports = { transform: {} };\n');
  write(`${folder}/src/a.ts`, 'export const a: number = 1;\n');
  write(`${folder}/src/a.js`, 'exports.a = 1;\n');
  write(
    `${folder}/src/a.spec.js`,
    "const { a } = require('./a.js');\n\nit('is one', () => expect(a).toBe(1));\n",
  );
}

function failing(path: string): string {
  return `require('${path}');\nit('fails', () => expect(1).toBe(2));\n`;
}

function write(name: string, text: string): void {
  const target = join(repository, name);
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

function commit(): void {
  git('add', '.');
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '-m', 'before');
}

function runHook(variables: NodeJS.ProcessEnv = {}): {
  status: number | null;
  stdout: string;
  stderr: string;
} {
  return spawnSync(process.execPath, [HOOK], {
    cwd: repository,
    env: { ...environment(), ...variables, FORCE_COLOR: '0' },
    encoding: 'utf8',
  });
}
