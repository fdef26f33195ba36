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

/** Options that the workflow alone has, with the reason. */
const WORKFLOW_ONLY = new Map([
  ['--base="$BASE"', 'the script may not have the base of a change, and takes all for changed'],
]);

/** Options that the script alone has, with the reason. */
const SCRIPT_ONLY = new Map([
  ['--no-audit', 'nothing is to be asked of a registry but packages'],
  ['--no-fund', 'its output ends in counts that are to be found'],
  ['--silent', 'its output ends in counts that are to be found'],
  ['--base=HEAD', 'nothing has changed since this commit: it shows that the command works'],
]);

/** Commands that the script alone runs, with the reason. */
const SCRIPT_COMMANDS = new Map([
  ['npm test -- --skip-nx-cache', 'the workflow tests what a change reaches, the script all'],
]);

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

  it('runs no command that .ci/run does not run too, and the other way round, but for named differences', () => {
    const commands = workflowCommands(WORKFLOW);
    const ofScript = stepCommands(SCRIPT);
    expect(commands).toEqual(
      expect.arrayContaining(['npm ci', 'npm run affected -- test --base="$BASE"']),
    );
    const common = commands.map((command) => without(command, WORKFLOW_ONLY));
    const scriptCommon = ofScript.map((command) => without(command, SCRIPT_ONLY));
    expect(common.filter((command) => !scriptCommon.includes(command))).toEqual([]);
    expect(scriptCommon.filter((command) => !common.includes(command))).toEqual([
      ...SCRIPT_COMMANDS.keys(),
    ]);
    for (const [all, named] of [
      [commands, WORKFLOW_ONLY],
      [ofScript, SCRIPT_ONLY],
    ] as const)
      for (const option of named.keys()) expect(all.join(' ').split(' ')).toContain(option);
  });

  it('runs commands that there are', () => {
    const manifest = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readRoot('package.json')));
    const scripts = new Set(Object.keys(manifest.scripts));
    const world = { root: WORKSPACE_ROOT, scripts, projects: [] };
    const commands = [...workflowCommands(WORKFLOW), ...stepCommands(SCRIPT)].map((command) =>
      without(command, SCRIPT_ONLY),
    );
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

function without(command: string, options: ReadonlyMap<string, string>): string {
  return command
    .split(' ')
    .filter((word) => !options.has(word))
    .join(' ')
    .replace(/ --$/, '');
}

function readRoot(path: string): string {
  return readFileSync(join(WORKSPACE_ROOT, path), 'utf8');
}
