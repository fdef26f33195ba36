import { execFileSync, execSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { objectOf } from '../src/json-value';
import { WORKSPACE_ROOT } from '../src/workspace';
import { TINY_RUN } from './mistakes/world';

describe('nx', () => {
  it.each([
    ['train', 'sft', ['cli']],
    ['evaluate', 'default', ['cli']],
    ['sweep', 'default', ['cli', 'train']],
  ])(
    'runs %s:%s as a program, from the root and after its build and that of %j',
    (app, target, projects) => {
      const manifest: unknown = JSON.parse(readRoot(`apps/${app}/package.json`));
      const { name, targets } = objectOf(objectOf(manifest)['nx']);
      const { command, dependsOn } = objectOf(objectOf(targets)[target]);
      expect(name).toBe(app);
      expect(dependsOn).toEqual(['build', { projects, target: 'build' }]);
      const usage = execSync(`${String(command)} --help`, {
        cwd: WORKSPACE_ROOT,
        encoding: 'utf8',
      });
      expect(usage).toContain('--seed');
    },
  );

  it('runs the search of the README: four runs, a table and a report', () => {
    const out = mkdtempSync(join(tmpdir(), 'pixelis-nx-'));
    try {
      const grid = '--grid training.learning_rate=1e-3,3e-4 --grid training.seed=1,2';
      expect(readRoot('README.md')).toContain(`npx nx run sweep:default -- ${grid}\n`);
      const printed = nx(
        // What the tests run on is built.
        ...['run', 'sweep:default', '--exclude-task-dependencies', '--', ...grid.split(' ')],
        ...['--tag', 'four', '--out', out, ...TINY_RUN],
      );
      expect(printed).toMatch(/rank +trial +learning_rate +seed +loss\/val/);
      const runs = readdirSync(join(out, 'runs')).filter((name) => name.startsWith('four-'));
      expect(runs.sort()).toEqual(['four-0001', 'four-0002', 'four-0003', 'four-0004']);
      const manifest: unknown = JSON.parse(
        readFileSync(join(out, 'sweeps', 'four', 'manifest.json'), 'utf8'),
      );
      expect(objectOf(manifest)['counts']).toEqual({ completed: 4, stopped: 0, failed: 0 });
      expect(existsSync(join(out, 'sweeps', 'four', 'report.md'))).toBe(true);
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  });

  it('finds the projects from any folder of the workspace', () => {
    const words = ['show', 'projects', '--json'];
    expect(nxFrom(join(WORKSPACE_ROOT, 'apps', 'sweep'), words)).toBe(nx(...words));
  });

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

/** What `nx` prints on standard output. */
function nx(...words: string[]): string {
  return nxFrom(WORKSPACE_ROOT, words);
}

function nxFrom(cwd: string, words: readonly string[]): string {
  const program = join(WORKSPACE_ROOT, 'node_modules/nx/dist/bin/nx.js');
  return execFileSync(process.execPath, [program, ...words], {
    cwd,
    env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function affectedBy(file: string): string[] {
  const printed = nx('show', 'projects', '--affected', `--files=${file}`, '--json');
  const projects: unknown = JSON.parse(printed);
  return Array.isArray(projects) ? projects.map(String) : [];
}
