import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandProblems } from '../src/command-problems';
import { readTextFiles, repositoryFiles, type TextFile } from '../src/files';
import { linkProblems } from '../src/link-problems';
import { inlineCode, markdownParts } from '../src/markdown';
import { readPackageManifest } from '../src/package-manifest';
import { unwantedText } from '../src/unwanted-text';
import { allProjects, libraryPackages, WORKSPACE_ROOT } from '../src/workspace';

const paths = repositoryFiles();
const documents = readTextFiles(paths.filter((path) => path.endsWith('.md')));
const packages = libraryPackages().map(({ folder, manifest }) => [manifest.name, folder] as const);

describe.each(packages)('%s', (name, folder) => {
  it('has a README whose first example is TypeScript and is run by a test', () => {
    const { text } = documentAt(`${folder}/README.md`);
    expect(text.split('\n')[0]).toBe(`# ${name}`);
    expect(text).toContain(`npm install ${name}`);
    const example = markdownParts(text).blocks.find(({ language }) => language === 'ts');
    expect(example?.lines.join('\n')).toContain(`from '${name}'`);
    expect(paths).toContain(`${folder}/test/readme.spec.ts`);
  });
});

describe('every package and app', () => {
  it('holds the licence of the workspace', () => {
    const license = readRoot('LICENSE');
    const others = allProjects().filter(({ folder }) => readRoot(`${folder}/LICENSE`) !== license);
    expect(others.map(({ folder }) => folder)).toEqual([]);
  });

  it('that brings the data names their source as NOTICE does', () => {
    for (const folder of ['packages/data', 'apps/train']) {
      expect(readRoot(`${folder}/NOTICE`)).toBe(readRoot('NOTICE'));
    }
  });
});

describe('documents', () => {
  it('have no relative link that leads nowhere', () => {
    expect(documents.flatMap((document) => linkProblems(document, WORKSPACE_ROOT))).toEqual([]);
  });

  it('give commands that exist', () => {
    const { scripts } = readPackageManifest(WORKSPACE_ROOT);
    const world = {
      root: WORKSPACE_ROOT,
      scripts: new Set(Object.keys(scripts)),
      projects: allProjects(),
    };
    const problems = documents.flatMap(({ path, text }) =>
      markdownParts(text)
        .blocks.filter(({ language }) => ['bash', 'sh', 'shell'].includes(language))
        .flatMap(({ lines }) => commandProblems(lines, world))
        .map((problem) => `${path}: ${problem}`),
    );
    expect(problems).toEqual([]);
  });
});

describe('docs/ARCHITECTURE.md', () => {
  it('names every package and app', () => {
    const named = inlineCode(documentAt('docs/ARCHITECTURE.md').text);
    const folders = allProjects().map(({ folder }) => folder);
    expect(folders.filter((folder) => !named.includes(folder))).toEqual([]);
  });
});

describe('docs/coverage.md', () => {
  const coverage = documentAt('docs/coverage.md').text;

  it('names tests, guides and folders that exist', () => {
    const named = inlineCode(coverage).filter((code) => code.includes('/'));
    expect(named.filter((path) => !existsSync(join(WORKSPACE_ROOT, path)))).toEqual([]);
  });

  it('has each requirement once, with a test', () => {
    const rows = [...coverage.matchAll(/^\| ([A-HS]\d+) +\|(.*)\|$/gm)];
    const numbers = rows.map(([, number]) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    const untested = rows.filter(
      ([, , cells]) => !/`[^`]+(?:\.spec\.ts|run|ci\.yml)`/.test(cells ?? ''),
    );
    expect(untested.map(([, number]) => number)).toEqual([]);
  });
});

describe('the repository', () => {
  it('holds no path of one machine, registry host, unfinished mark or secret', () => {
    expect(readTextFiles(paths).flatMap(unwantedText)).toEqual([]);
  });

  it('holds no file larger than 1 MiB', () => {
    const large = paths.filter((path) => readFileSync(join(WORKSPACE_ROOT, path)).length > 2 ** 20);
    expect(large).toEqual([]);
  });
});

// Helpers

function documentAt(path: string): TextFile {
  const document = documents.find((candidate) => candidate.path === path);
  if (document === undefined) throw new Error(`${path} is missing`);
  return document;
}

function readRoot(path: string): string {
  return readFileSync(join(WORKSPACE_ROOT, path), 'utf8');
}
