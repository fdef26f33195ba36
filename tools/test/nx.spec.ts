import { execFileSync, execSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { objectOf } from '../src/json-value';
import { WORKSPACE_ROOT } from '../src/workspace';

describe('nx', () => {
  it.each([
    ['train', 'sft'],
    ['evaluate', 'default'],
  ])(
    'runs %s:%s as a program, from the root and after its build and that of pixelis',
    (app, target) => {
      const manifest: unknown = JSON.parse(readRoot(`apps/${app}/package.json`));
      const { name, targets } = objectOf(objectOf(manifest)['nx']);
      const { command, dependsOn } = objectOf(objectOf(targets)[target]);
      expect(name).toBe(app);
      expect(dependsOn).toEqual(['build', { projects: ['cli'], target: 'build' }]);
      const usage = execSync(`${String(command)} --help`, {
        cwd: WORKSPACE_ROOT,
        encoding: 'utf8',
      });
      expect(usage).toContain('--seed');
    },
  );

  it('affects what a change reaches: the package, what depends on it and the checks of all', () => {
    const affected = affectedBy('packages/metrics/src/mcc.ts');
    expect(affected).toEqual(expect.arrayContaining(['metrics', 'tools']));
    expect(affected).not.toContain('core');
    expect(affectedBy('packages/core/src/index.ts')).toEqual(
      expect.arrayContaining(['core', 'config', 'artifacts', 'data', 'training', 'train', 'tools']),
    );
    expect(affectedBy('docs/coverage.md').sort()).toEqual(['tools', 'workspace']);
  });

  it('compares the bits of one training everywhere, in both forms of continuous integration', () => {
    expect(readRoot('.github/workflows/ci.yml')).toContain('run: npm run test:matrix');
    expect(readRoot('.ci/run')).toContain('test_step npm run --silent test:matrix');
  });
});

// Helpers

function readRoot(path: string): string {
  return readFileSync(join(WORKSPACE_ROOT, path), 'utf8');
}

function affectedBy(file: string): string[] {
  const nx = join(WORKSPACE_ROOT, 'node_modules/nx/dist/bin/nx.js');
  const words = ['show', 'projects', '--affected', `--files=${file}`, '--json'];
  const printed = execFileSync(process.execPath, [nx, ...words], {
    cwd: WORKSPACE_ROOT,
    env: { ...process.env, NX_DAEMON: 'false' },
    encoding: 'utf8',
  });
  const projects: unknown = JSON.parse(printed);
  return Array.isArray(projects) ? projects.map(String) : [];
}
