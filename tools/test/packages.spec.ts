import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { installedPackageProblems } from '../src/installed-package-problems';
import { markdownParts } from '../src/markdown';
import { installPacked, type PackedWorkspace, packWorkspace } from '../src/packed-workspace';
import { type Resolution, typeProblems } from '../src/type-problems';
import { libraryPackages, WORKSPACE_ROOT, type WorkspaceProject } from '../src/workspace';
import { type PackageExample, packageExamples } from './package-examples';

const packages = libraryPackages();
const cases = packages.map((project) => [project.manifest.name, project] as const);
const projects = new Map<string, string>();
let folder: string;
let packed: PackedWorkspace;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'pixelis-packages-')));
  packed = packWorkspace(packages, { root: WORKSPACE_ROOT, folder });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

describe('packages', () => {
  it('are all in the list of examples, and nothing else is', () => {
    const rooms = packages.map(({ manifest }) => manifest.project);
    expect(Object.keys(packageExamples)).toEqual(rooms);
  });
});

describe.each(cases)('%s, packed', (name, project) => {
  it('is installed by npm in an empty project, complete and without what is of no use there', () => {
    projects.set(name, installPacked(packed, name, { alongside: installedBeside(project) }));
    const installed = {
      folder: join(projectOf(name), 'node_modules', name),
      manifest: project.manifest,
    };
    expect(installedPackageProblems(installed, [WORKSPACE_ROOT, homedir(), folder])).toEqual([]);
  });

  it('works when it is imported', () => {
    expect(run(name, 'import.mjs', esmProgram(name, exampleOf(project)))).toBe('works\n');
  });

  it('works when it is required', () => {
    expect(run(name, 'require.cjs', commonJsProgram(name, exampleOf(project)))).toBe('works\n');
  });
});

describe('packages, packed', () => {
  it.each<[Resolution, string[]]>([
    ['nodenext', ['mts', 'cts']],
    ['bundler', ['ts']],
  ])(
    'compile strictly with their example and README by moduleResolution %s',
    (resolution, extensions) => {
      const files = packages.flatMap((project) =>
        extensions.flatMap((extension) => typeScriptPrograms(project, extension)),
      );
      const typeRoots = [join(WORKSPACE_ROOT, 'node_modules/@types')];
      expect(typeProblems(files, resolution, { root: folder, typeRoots })).toEqual([]);
    },
  );
});

describe('@pixelis/reproducibility/eslint, packed', () => {
  it('works and compiles strictly beside ESLint', () => {
    const cwd = installPacked(packed, '@pixelis/reproducibility', {
      alongside: ['eslint'],
      projectName: 'linted',
    });
    const program = `
      import { ESLint } from 'eslint';
      import { determinism } from '@pixelis/reproducibility/eslint';
      const overrideConfig = [{ files: ['**/*.js'], ...determinism.configs.recommended }];
      const eslint = new ESLint({ overrideConfigFile: true, overrideConfig });
      const [result] = await eslint.lintText('export const x = Math.random();');
      console.log(result?.messages[0]?.ruleId);`;
    const [runnable = '', ...typed] = ['lint.mjs', 'lint.mts', 'lint.ts'].map((file) =>
      join(cwd, file),
    );
    for (const file of [runnable, ...typed]) writeFileSync(file, program);

    const output = execFileSync(process.execPath, [runnable], { cwd, encoding: 'utf8' });
    expect(output).toBe('determinism/no-unseeded-randomness\n');
    const typeRoots = [join(WORKSPACE_ROOT, 'node_modules/@types')];
    const [nodenext = '', bundler = ''] = typed.map((file) => file.replaceAll('\\', '/'));
    expect([
      ...typeProblems([nodenext], 'nodenext', { root: folder, typeRoots }),
      ...typeProblems([bundler], 'bundler', { root: folder, typeRoots }),
    ]).toEqual([]);
  });
});

// Helpers

function projectOf(name: string): string {
  const project = projects.get(name);
  if (project === undefined) throw new Error(`${name} could not be installed`);
  return project;
}

function exampleOf({ manifest }: WorkspaceProject): PackageExample {
  const example = packageExamples[manifest.project];
  if (example === undefined) throw new Error(`${manifest.name} has no example`);
  return example;
}

function esmProgram(name: string, { names, body }: PackageExample): string {
  return [
    "import { strictEqual as equal } from 'node:assert';",
    `import { ${names.join(', ')} } from '${name}';`,
    asyncBlock(body),
  ].join('\n');
}

function commonJsProgram(name: string, { names, body }: PackageExample): string {
  return [
    "const { strictEqual: equal } = require('node:assert');",
    `const { ${names.join(', ')} } = require('${name}');`,
    asyncBlock(body),
  ].join('\n');
}

/** CommonJS has no `await` at the top. */
function asyncBlock(body: string): string {
  return `void (async () => {${body}\n})().then(() => { console.log('works'); });`;
}

function run(name: string, file: string, program: string): string {
  const cwd = projectOf(name);
  writeFileSync(join(cwd, file), program);
  return execFileSync(process.execPath, [file], {
    cwd,
    encoding: 'utf8',
    stdio: 'pipe',
    timeout: 30_000,
  });
}

/** Empty if there is none: that is for documentation.spec.ts to report. */
function readmeOf({ folder: packageFolder }: WorkspaceProject): string {
  const path = join(WORKSPACE_ROOT, packageFolder, 'README.md');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** The packages of others in the README's `npm install @pixelis/x other …`. */
function installedBeside(project: WorkspaceProject): string[] {
  const [, words = ''] = /^npm install (.+)$/m.exec(readmeOf(project)) ?? [];
  return words.split(/\s+/).filter((word) => word !== '' && !word.startsWith('@pixelis/'));
}

/** Writes the example and the first example of the README as TypeScript; returns their paths. */
function typeScriptPrograms(project: WorkspaceProject, extension: string): string[] {
  const { name } = project.manifest;
  const block = markdownParts(readmeOf(project)).blocks.find(({ language }) => language === 'ts');
  const programs = {
    example: esmProgram(name, exampleOf(project)),
    readme: [...(block?.lines ?? []), 'export {};'].join('\n'),
  };
  return Object.entries(programs).map(([title, program]) => {
    const file = join(projectOf(name), `${title}.${extension}`);
    writeFileSync(file, program);
    return file.replaceAll('\\', '/');
  });
}
