import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveSweepConfig } from '@pixelis/config';
import { type Launcher, runSweep } from '@pixelis/sweep';
import { folderState } from '../support/folder-state';
import { jsonOf } from '../support/expect-json';
import { copyRuns, recordRuns } from '../support/record-runs';
import { runPixelis } from '../support/run-pixelis';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();
const recorded = temporaryFolder();
const LATER = /is of version 2; this Pixelis reads manifests up to version 1/;
const UPDATE = /Update Pixelis/;

beforeAll(async () => {
  await recordRuns(recorded);
});

describe('pixelis manifest validate', () => {
  it.each([
    ['a-train'],
    ['a-tr'],
    ['latest'],
    [join('out', 'runs', 'a-train')],
    [join('out', 'runs', 'a-train', 'manifest.json')],
  ])('finds nothing wrong with a run, named as %s, and changes nothing', async (path) => {
    const before = folderState(recorded);
    const ending = await validate(recorded, path);
    expect(ending).toMatchObject({ code: 0, stderr: '' });
    expect(ending.stdout).toMatch(/^\S+: valid\n$/);
    expect(folderState(recorded)).toEqual(before);
  });

  it('reads a copy elsewhere, without an output folder', async () => {
    const cwd = temporaryFolder();
    cpSync(join(recorded, 'out', 'runs', 'a-train'), join(cwd, 'copy'), { recursive: true });
    expect(await validate(cwd, 'copy')).toEqual({ code: 0, stdout: 'copy: valid\n', stderr: '' });
  });

  it('names every problem in a line of its own, of all manifests, and ends with 5', async () => {
    const cwd = copyRuns(recorded, temporaryFolder());
    const run = join('out', 'runs', 'a-train');
    rmSync(join(cwd, run, 'metrics.jsonl'));
    writeFileSync(join(cwd, run, 'added.txt'), '');
    edit(join(cwd, run), '"seed": 42', '"seed": 43');
    const { code, stdout, stderr } = await validate(cwd, 'a-train', 'b-evaluate');
    expect({ code, stderr }).toEqual({ code: 5, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      `${run}: metrics.jsonl: is missing`,
      `${run}: added.txt: is there but not among the files`,
      `${run}: manifest.json: was changed: its fields are not those that the audit trail sealed`,
      `${join('out', 'runs', 'b-evaluate')}: valid`,
      '',
    ]);
  });

  it('names every field that is wrong', async () => {
    const cwd = copyRuns(recorded, temporaryFolder());
    const run = join(cwd, 'out', 'runs', 'a-train');
    edit(run, '"seed": 42', '"seed": -1, "speed": 1');
    edit(run, '"status": "COMPLETED"', '"status": "DONE"');
    const { code, stdout } = await validate(cwd, 'a-train');
    expect(code).toBe(5);
    const path = join('out', 'runs', 'a-train');
    expect(stdout.split('\n').sort()).toEqual([
      '',
      `${path}: seed: is -1: must be >= 0`,
      `${path}: speed: is no field that a manifest has`,
      `${path}: status: is "DONE": must be "COMPLETED"`,
    ]);
  });

  it('gives the same as JSON', async () => {
    const cwd = copyRuns(recorded, temporaryFolder());
    const run = join('out', 'runs', 'a-train');
    rmSync(join(cwd, run, 'metrics.jsonl'));
    const ending = await validate(cwd, 'a-train', 'b-evaluate', '--json');
    expect(ending.code).toBe(5);
    expect(jsonOf({ ...ending, code: 0 })).toEqual([
      { path: run, is_valid: false, problems: [{ path: 'metrics.jsonl', message: 'is missing' }] },
      { path: join('out', 'runs', 'b-evaluate'), is_valid: true, problems: [] },
    ]);
  });

  it.each([
    [
      'nowhere.json',
      /There is no manifest nowhere\.json\nremedy: Give the manifest\.json of a run/,
    ],
    ['no/where', /no\/where/],
    ['folder', /manifest\.json/],
    ['c-failed', /c-failed holds no manifest\.json, which only .*\nremedy: Give another folder/],
  ])(
    'ends with 4 where %s cannot be read, and tells of the others all the same',
    async (path, says) => {
      const cwd = copyRuns(recorded, temporaryFolder());
      mkdirSync(join(cwd, 'folder', 'manifest.json'), { recursive: true });
      const { code, stdout, stderr } = await validate(cwd, path, 'a-train', 'none.json');
      expect(code).toBe(4);
      expect(stdout).toBe(`${join('out', 'runs', 'a-train')}: valid\n`);
      expect(stderr).toMatch(/none\.json/);
      expect(stderr).toMatch(says);
      expect(stderr).toMatch(/\nerror: .*\nremedy: .*\n$/);
    },
  );

  it.each([
    [[], 2, /PATH is missing/],
    [['nope'], 2, /no run "nope"/],
    [['a-train', '--fix'], 2, /--fix/],
  ])('refuses the command line %j', async (words, code, says) => {
    const ending = await validate(recorded, ...words);
    expect(ending).toMatchObject({ code, stderr: expect.stringMatching(says) as string });
  });
});

describe('pixelis manifest validate, of a sweep', () => {
  it('finds nothing wrong with a sweep as it ended', async () => {
    const cwd = await withSweep();
    expect(await validate(cwd, SWEEP)).toEqual({
      code: 0,
      stdout: `${SWEEP}: valid\n`,
      stderr: '',
    });
    const file = join(SWEEP, 'manifest.json');
    expect(await validate(cwd, file)).toMatchObject({ code: 0, stdout: `${file}: valid\n` });
  });

  it('names every file that is missing or was changed, and every path that is none of its files', async () => {
    const cwd = await withSweep();
    rmSync(join(cwd, SWEEP, '0001.json'));
    writeFileSync(join(cwd, SWEEP, 'report.md'), '');
    edit(join(cwd, SWEEP), '"figures/importance.svg",', '"figures/other.svg",');
    const { code, stdout } = await validate(cwd, SWEEP);
    expect(code).toBe(5);
    expect(stdout.split('\n')).toEqual([
      `${SWEEP}: 0001.json: is missing`,
      expect.stringMatching(/: report\.md: has 0 bytes, not \d+$/),
      `${SWEEP}: figures/other.svg: is not among the files`,
      '',
    ]);
  });

  it('names every field that says something else than the files', async () => {
    const cwd = await withSweep();
    edit(join(cwd, SWEEP), '"direction": "min"', '"direction": "max"');
    edit(join(cwd, SWEEP), '"failed": 2', '"failed": 1');
    const { code, stdout } = await validate(cwd, SWEEP);
    expect(code).toBe(5);
    expect(stdout.split('\n')).toEqual([
      `${SWEEP}: search.direction: is "max", but sweep.json says "min"`,
      `${SWEEP}: counts.failed: is 1, but outcomes/ says 2`,
      '',
    ]);
  });

  it('says of a sweep that is not finished how far it is and how to go on, and ends with 4', async () => {
    const cwd = await withSweep();
    rmSync(join(cwd, SWEEP, 'manifest.json'));
    rmSync(join(cwd, SWEEP, 'outcomes', '0002.json'));
    for (const path of [SWEEP, join(SWEEP, 'manifest.json')]) {
      expect(await validate(cwd, path)).toEqual({
        code: 4,
        stdout: '',
        stderr: [
          'error: The sweep lr is not finished: it is known what came of 1 of 2 trials, and only a finished sweep has a manifest',
          'remedy: to go on, repeat the command that began it: npx nx run sweep:default -- --tag lr …',
          '',
        ].join('\n'),
      });
    }
  });

  it('names the fields that are wrong, and says so of a later version', async () => {
    const cwd = await withSweep();
    edit(join(cwd, SWEEP), '"mode": "sft"', '"mode": "none"');
    const { code, stdout } = await validate(cwd, SWEEP);
    expect(code).toBe(5);
    expect(stdout).toMatch(/: mode: /);
    edit(join(cwd, SWEEP), '"manifest_version": 1', '"manifest_version": 2');
    expect(await validate(cwd, SWEEP)).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(UPDATE) as string,
    });
  });
});

describe('a manifest that a later Pixelis wrote', () => {
  it.each([
    ['manifest validate a-train'],
    ['runs show a-train'],
    ['runs compare b-evaluate a-train'],
    ['runs audit a-train'],
    ['verify a-train'],
    ['diff a-train a-train'],
    ['export a-train --file a.zip'],
  ])('is no damage to pixelis %s, which says to update Pixelis', async (line) => {
    const cwd = withLaterRun();
    const { code, stderr } = await runPixelis(line.split(' '), { cwd });
    expect(code).toBe(3);
    expect(stderr).toMatch(LATER);
    expect(stderr).toMatch(/\nremedy: Update Pixelis/);
    expect(stderr).not.toMatch(/damaged|broken/i);
  });

  it('does not hide other runs from pixelis runs list, which says so', async () => {
    const cwd = withLaterRun();
    for (const words of [[], ['--json']]) {
      const { code, stdout, stderr } = await runPixelis(['runs', 'list', ...words], { cwd });
      expect(code).toBe(0);
      expect(stdout).toContain('b-evaluate');
      expect(stderr).toMatch(/^a-train: /);
      expect(stderr).toMatch(LATER);
      expect(stderr).toMatch(UPDATE);
    }
  });

  it('does not hold up other runs in pixelis sync, which says so', async () => {
    const cwd = withLaterRun();
    const { code, stdout, stderr } = await runPixelis(['sync', '--to', 'file:backup'], { cwd });
    const said = `${stdout}${stderr}`;
    expect(code).not.toBe(0);
    expect(said).toMatch(LATER);
    expect(said).toMatch(UPDATE);
    expect(said).not.toMatch(/damaged|broken/i);
    expect(existsSync(join(cwd, 'backup', 'v1', 'runs', 'b-evaluate', 'manifest.json'))).toBe(true);
    expect(existsSync(join(cwd, 'backup', 'v1', 'runs', 'a-train'))).toBe(false);
  });

  it('does not hide other runs from pixelis runs audit', async () => {
    const cwd = withLaterRun();
    const { code, stdout } = await runPixelis(['runs', 'audit'], { cwd });
    expect(code).toBe(5);
    expect(stdout).toMatch(
      /^a-train: not checked, .*\n {2}.*manifest\.json is of version 2; .*Update/m,
    );
    expect(stdout).toMatch(/^b-evaluate: intact/m);
    expect(stdout).not.toMatch(/damaged/);
  });
});

// Helpers

function validate(cwd: string, ...words: string[]): ReturnType<typeof runPixelis> {
  return runPixelis(['manifest', 'validate', ...words], { cwd });
}

const SWEEP = join('out', 'sweeps', 'lr');

/** A sweep of two trials that failed before there was a run. */
async function withSweep(): Promise<string> {
  const cwd = temporaryFolder();
  const source = '--grid';
  const launcher: Launcher = {
    name: 'local',
    run: (tasks, { onEnd }) => {
      for (const { trial } of tasks) onEnd(trial, { exitCode: 3, signal: null });
      return Promise.resolve();
    },
  };
  await runSweep({
    ...{ out: join(cwd, 'out'), tag: 'lr', launcher: () => ({ launcher, options: [] }) },
    resolved: resolveSweepConfig({
      options: [{ path: ['sweep', 'space', 'training.seed'], value: { values: [1, 2] }, source }],
    }),
    program: { argv: ['train.js'], options: [], workingDirectory: cwd },
  });
  return cwd;
}

function withLaterRun(): string {
  const cwd = copyRuns(recorded, temporaryFolder());
  const run = join(cwd, 'out', 'runs', 'a-train');
  edit(run, '"manifest_version": 1', '"manifest_version": 2, "more": {}');
  return cwd;
}

function edit(run: string, search: string, by: string): void {
  const path = join(run, 'manifest.json');
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(search);
  writeFileSync(path, text.replace(search, by));
}
