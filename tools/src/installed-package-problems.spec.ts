import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { installedPackageProblems } from './installed-package-problems';
import { readPackageManifest } from './package-manifest';

const MANIFEST = {
  name: '@pixelis/example',
  version: '0.1.0',
  license: 'Apache-2.0',
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
};

const COMPLETE = {
  LICENSE: '',
  'README.md': '',
  'package.json': JSON.stringify(MANIFEST),
  'dist/index.js': '',
  'dist/index.js.map': JSON.stringify({ sources: ['../src/index.ts'] }),
  'dist/index.d.ts': '',
  'src/index.ts': '',
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pixelis-installed-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The problems of a package with `files`; one without text is left out. */
function problemsOf(files: Record<string, string | undefined>): string[] {
  for (const [path, text] of Object.entries(files)) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const installed = { folder, manifest: readPackageManifest(folder) };
  return installedPackageProblems(installed, ['/build/place']);
}

describe('installedPackageProblems', () => {
  it('has nothing against a complete package', () => {
    expect(problemsOf(COMPLETE)).toEqual([]);
  });

  it.each([
    ['a missing licence', { LICENSE: undefined }, 'LICENSE is missing'],
    ['a missing entry', { 'dist/index.d.ts': undefined }, 'dist/index.d.ts is missing'],
    ['a test', { 'dist/index.spec.js': '' }, 'dist/index.spec.js should not be in it'],
    ['a build record', { 'dist/lib.tsbuildinfo': '' }, 'dist/lib.tsbuildinfo should not be in it'],
    [
      'a source that is not shipped',
      { 'src/index.ts': undefined },
      'dist is made of src/index.ts, which is missing: if it was renamed, run "npm run clean" and build anew',
    ],
    [
      'a path of the machine',
      { 'dist/index.js': 'load("/build/place/x")' },
      'dist/index.js names a path of this machine, /build/place',
    ],
    [
      'another licence',
      { 'package.json': JSON.stringify({ ...MANIFEST, license: 'MIT' }) },
      'its license is not Apache-2.0',
    ],
  ])('names %s', (_, change, problem) => {
    expect(problemsOf({ ...COMPLETE, ...change })).toEqual([`@pixelis/example: ${problem}`]);
  });
});
