import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { commandProblems } from '../src/command-problems';
import { stepCommands, workflowCommands } from '../src/workflow-commands';
import { WORKSPACE_ROOT } from '../src/workspace';

const WORKFLOW = readRoot('.github/workflows/ci.yml');
const SCRIPT = readRoot('.ci/run');
const TARGETS = ['build', 'typecheck', 'lint', 'test'];

const jobSchema = z.object({
  'timeout-minutes': z.int(),
  env: z.record(z.string(), z.string()).optional(),
  strategy: z.object({ matrix: z.record(z.string(), z.array(z.unknown())) }).optional(),
  steps: z.array(
    z.object({
      uses: z.string().optional(),
      run: z.string().optional(),
      with: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});
const { on, jobs } = z
  .object({ on: z.record(z.string(), z.unknown()), jobs: z.record(z.string(), jobSchema) })
  .parse(parse(WORKFLOW));

describe('.github/workflows/ci.yml', () => {
  it('runs for every change of main and every pull request', () => {
    expect(on).toMatchObject({ push: { branches: ['main'] }, pull_request: null });
  });

  it('runs no command that .ci/run does not run too', () => {
    const commands = workflowCommands(WORKFLOW);
    expect(commands).toEqual(expect.arrayContaining(['npm ci', 'npm run affected test']));
    const ofScript = stepCommands(SCRIPT);
    expect(commands.filter((command) => !ofScript.includes(command))).toEqual([]);
    // Of a change the workflow tests only what it reaches.
    expect(ofScript.filter((command) => !commands.includes(command))).toEqual(['npm test']);
  });

  it('runs commands that there are', () => {
    const manifest = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readRoot('package.json')));
    const scripts = new Set(Object.keys(manifest.scripts));
    const world = { root: WORKSPACE_ROOT, scripts, projects: [] };
    const commands = [...workflowCommands(WORKFLOW), ...stepCommands(SCRIPT)];
    expect(commandProblems(commands, world)).toEqual([]);
  });

  it('builds, checks and tests just what changed since the base, on every system and version of Node', () => {
    const { affected } = jobs;
    expect(affected?.strategy?.matrix).toEqual({
      os: ['ubuntu-latest', 'macos-latest', 'windows-latest'],
      node: [20, 22, 24, 26],
    });
    const commands = affected?.steps.flatMap(({ run = '' }) => run.match(/affected -- .*/g) ?? []);
    expect(commands).toEqual(TARGETS.map((target) => `affected -- ${target} --base="$BASE"`));
  });

  it('has the whole history and the base wherever something is compared with the base', () => {
    const comparing = Object.values(jobs).filter(({ steps }) =>
      steps.some(({ run }) => run?.includes('$BASE')),
    );
    expect(comparing).toHaveLength(2);
    for (const { env, steps } of comparing) {
      expect(env?.['BASE']).toBe(
        '${{ github.event.pull_request.base.sha || github.event.before }}',
      );
      expect(steps[0]).toMatchObject({ uses: 'actions/checkout@v5', with: { 'fetch-depth': 0 } });
    }
  });

  it('gives every job a time limit', () => {
    const limits = Object.values(jobs).map((job) => job['timeout-minutes']);
    expect(limits.length).toBeGreaterThan(0);
    expect(limits.every((minutes) => minutes > 0 && minutes <= 60)).toBe(true);
  });
});

describe('.ci/run', () => {
  it('compares with no other commit, which the clone may not have', () => {
    expect(SCRIPT).not.toMatch(/HEAD[~^]|--base=(?!HEAD$)/m);
  });

  it('tests everything anew, and ends with the counts', () => {
    expect(SCRIPT).toContain('test_step npm test --silent -- --skip-nx-cache');
    expect(SCRIPT).toContain("printf '\\n%d passed, %d failed\\n'");
    expect(SCRIPT.trimEnd().endsWith('\nfinish')).toBe(true);
  });
});

// Helpers

function readRoot(path: string): string {
  return readFileSync(join(WORKSPACE_ROOT, path), 'utf8');
}
