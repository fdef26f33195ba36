import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withExperiment } from '@pixelis/experiment';
import { jsonOf } from '../support/expect-json';
import { copyRuns, recordRuns } from '../support/record-runs';
import { runPixelis } from '../support/run-pixelis';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();
const cwd = temporaryFolder();
const ID_OF_ROW = /^(\S+) /;

beforeAll(async () => {
  await recordRuns(cwd);
});

describe('pixelis runs list', () => {
  it('lists every run with how it stands and what it came to, the newest first', async () => {
    const { code, stdout, stderr } = await runPixelis(['runs', 'list'], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^RUN {2,}STATUS {2,}JOB {2,}NAME {2,}CREATED {2,}TOOK {2,}RESULTS$/),
      expect.stringMatching(/^c-failed {2,}FAILED {2,}experiment {2,}unlucky {2,}.* no luck$/),
      expect.stringMatching(
        /^b-evaluate {2,}COMPLETED {2,}evaluate {2,}- {2,}.* accuracy\/hard 0\.75$/,
      ),
      expect.stringMatching(
        /^a-train {2,}COMPLETED {2,}train {2,}baseline {2,}\d{4}-\d\d-\d\d \d\d:\d\d {2}/,
      ),
      '',
    ]);
  });

  it.each([
    [['baseline'], ['a-train']],
    [['*-train'], ['a-train']],
    [['--status', 'FAILED'], ['c-failed']],
    [['--status', 'FAILED', '--status', 'COMPLETED', '--sort', 'run_id'], ['a-train', 'b-evaluate', 'c-failed']],
    [['--tag', 'exp_name=unlucky'], ['c-failed']],
    [['--config', 'training.seed=2'], ['b-evaluate']],
    [['--metric', 'accuracy/hard>0.5'], ['b-evaluate']],
    [['--sort', 'accuracy/hard', '--status', 'COMPLETED'], ['a-train', 'b-evaluate']],
    [['--limit', '1'], ['c-failed']],
    [['--since', '2999-01-01'], []],
    [['--before', '2999-01-01', '--limit', '1'], ['c-failed']],
  ])('filters and sorts by %j', async (args, ids) => {
    const listed = jsonOf(await runPixelis(['runs', 'list', ...args, '--json'], { cwd }));
    expect((listed as { run_id: string }[]).map(({ run_id }) => run_id)).toEqual(ids);
    const { stdout } = await runPixelis(['runs', 'list', ...args], { cwd });
    const rows = stdout.trimEnd().split('\n').slice(1);
    expect(rows.map((row) => ID_OF_ROW.exec(row)?.[1])).toEqual(ids);
    if (ids.length === 0) expect(stdout).toBe('There are no such runs in out.\n');
  }); // prettier-ignore

  it.each([
    [['--config', 'training.sed=1'], ['configuration key "training.sed": did you mean "training.seed"?']],
    [['--config', 'training.seed=9', '--metric', 'accuracy/hrd>0'], ['metric "accuracy/hrd": did you mean "accuracy/hard"?']],
    [['--metric', 'loss/trian!=1', '--config', 'zzzzzzzzzz=1'], ['"zzzzzzzzzz"; nor', '"loss/trian": did you mean "loss/train"?']],
    [['--sort', '-acuracy/hard'], ['metric "acuracy/hard": did you mean "accuracy/hard"?']],
    [['--sort', 'accuracy/hard>1'], ['metric "accuracy/hard>1"']],
  ])('names the keys that no run has: %j', async (args, said) => {
    const { code, stdout, stderr } = await runPixelis(['runs', 'list', ...args], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: No run in out has the .*\nremedy: [^\n]+\n$/);
    for (const text of said) expect(stderr).toContain(text);
  }); // prettier-ignore

  it.each([
    ['a value that no run has', ['--config', 'training.seed=9']],
    ['a key that only some runs have', ['--metric', 'loss/train>5']],
    ['a key of the configuration that no run has yet', ['--config', 'evaluation.benchmark=x']],
  ])('finds no run by %s', async (_what, args) => {
    expect(await runPixelis(['runs', 'list', ...args], { cwd })).toMatchObject({
      code: 0,
      stdout: 'There are no such runs in out.\n',
      stderr: '',
    });
  });

  it('leaves a metric that a run may still come to, and any key where there is no run', async () => {
    const folder = temporaryFolder();
    copyRuns(cwd, folder);
    const list = (...args: string[]) => runPixelis(['runs', 'list', ...args], { cwd: folder });
    const root = join(folder, 'out');
    const options = { root, captureLevel: 'basic', hardwareIntervalMs: 0, warn: () => {} } as const;
    await withExperiment(options, async () => {
      expect(await list('--metric', 'accuracy/new>0')).toMatchObject({ code: 0 });
    });
    expect(await list('--metric', 'accuracy/new>0')).toMatchObject({ code: 2 });
    rmSync(join(folder, 'out/runs'), { recursive: true });
    expect(await list('--metric', 'accuracy/new>0')).toMatchObject({ code: 0 });
  });

  it('gives as JSON what a program needs', async () => {
    const listed = jsonOf(await runPixelis(['runs', 'list', 'baseline', '--json'], { cwd }));
    expect(listed).toEqual([
      {
        run_id: 'a-train',
        directory: join('out', 'runs', 'a-train'),
        status: 'COMPLETED',
        created_at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        tags: { exp_name: 'baseline', job: 'train' },
        results: { 'accuracy/hard': 0.25, weights_sha256: null },
        error: null,
      },
    ]);
  });

  it.each([
    ['c-failed', 'run.json'],
    ['a-train', 'tags.json'],
    ['a-train', 'manifest.json'],
    ['a-train', 'events.jsonl'],
    ['a-train', 'config_resolved.json'],
  ])('lists the others where of %s the file %s is damaged', async (runId, path) => {
    const copy = copyRuns(cwd, temporaryFolder());
    writeFileSync(join(copy, 'out', 'runs', runId, path), '{"half');
    const others = ['a-train', 'b-evaluate', 'c-failed'].filter((other) => other !== runId);
    for (const json of [[], ['--json']]) {
      const { code, stdout } = await runPixelis(['runs', 'list', ...json], { cwd: copy });
      expect(code).toBe(0);
      for (const other of others) expect(stdout).toContain(other);
    }
  });

  it('fits a terminal of 80 columns, the ids and the status whole', async () => {
    const { stdout } = await runPixelis(['runs', 'list'], { cwd, columns: 80 });
    const lines = stdout.trimEnd().split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(lines[3]).toMatch(/^a-train +COMPLETED /);
  });
});

describe('pixelis runs show', () => {
  it('shows what is known of a run, found by the beginning of its id', async () => {
    const { stdout } = await runPixelis(['runs', 'show', 'a-t'], { cwd });
    expect(stdout).toMatch(/^run +a-train$/m);
    expect(stdout).toMatch(/^results\n {2}accuracy\/hard {2}0\.25$/m);
    expect(stdout).toMatch(/^ {2}manifest\.json +\d/m);
    expect(stdout).not.toContain('null');
  });

  it('shows why a run failed, and its last metrics in JSON as they were recorded', async () => {
    const { stdout } = await runPixelis(['runs', 'show', 'c-failed'], { cwd });
    expect(stdout).toMatch(/^error\n {2}\w+: .*no luck$/m);
    const shown = jsonOf(await runPixelis(['runs', 'show', 'a-train', '--json'], { cwd }));
    expect(shown).toMatchObject({
      run_id: 'a-train',
      last_metrics: { 'loss/train': { step: 1, value: 0.5 } },
      config: { 'training.seed': 1 },
    });
  });

  it('takes latest, the run that was completed last', async () => {
    const shown = jsonOf(await runPixelis(['runs', 'show', 'latest', '--json'], { cwd }));
    expect(shown).toMatchObject({ run_id: 'b-evaluate' });
  });
});

describe('pixelis runs compare', () => {
  it('shows where runs differ, and with --all what is equal too', async () => {
    const args = ['runs', 'compare', 'a-train', 'b-evaluate'];
    const { stdout } = await runPixelis(args, { cwd });
    expect(stdout).toMatch(/^SECTION +KEY +a-train +b-evaluate$/m);
    expect(stdout).toMatch(/^config +training\.seed +1 +2$/m);
    expect(stdout).toMatch(/^results +accuracy\/hard +0\.25 +0\.75$/m);
    const some = jsonOf(await runPixelis([...args, '--json'], { cwd })) as { rows: unknown[] };
    const all = jsonOf(await runPixelis([...args, '--all', '--json'], { cwd })) as typeof some;
    expect(some).toMatchObject({ run_ids: ['a-train', 'b-evaluate'] });
    expect(all.rows.length).toBeGreaterThan(some.rows.length);
  });

  it('says that a run does not differ from itself', async () => {
    const { stdout } = await runPixelis(['runs', 'compare', 'a-train', 'a-train'], { cwd });
    expect(stdout).toBe('These runs differ in nothing that is recorded.\n');
  });
});

describe('pixelis runs audit', () => {
  it('finds untouched runs intact, and says what it cannot know', async () => {
    const { code, stdout } = await runPixelis(['runs', 'audit'], { cwd });
    expect(code).toBe(0);
    expect(stdout.match(/^\S+: intact, \d+ events, head [0-9a-f]{12}$/gm)).toHaveLength(3);
    expect(stdout).toContain('  unsigned: a whole rewrite cannot be detected\n');
    expect(stdout).toMatch(
      /c-failed: .*\n(?: {2}.*\n)* {2}no manifest: a missing tail cannot be seen/,
    );
    const audits = jsonOf(await runPixelis(['runs', 'audit', 'a-train', '--json'], { cwd }));
    expect(audits).toMatchObject([{ run_id: 'a-train', is_intact: true, problems: [] }]);
  });

  it.each<[string, (lines: string[]) => string[]]>([
    ['a changed line', (lines) => lines.map((line, at) => (at === 1 ? line.replace('":"', '":"x') : line))],
    ['a removed line', (lines) => lines.toSpliced(1, 1)],
    ['lines in another order', ([first = '', second = '', ...rest]) => [second, first, ...rest]],
    ['a line twice', ([first = '', ...rest]) => [first, first, ...rest]],
    ['a tail that was cut off', (lines) => lines.slice(0, -1)],
  ])('finds %s in events.jsonl', async (_, change) => {
    const copy = copyRuns(cwd, temporaryFolder());
    const path = join(copy, 'out', 'runs', 'a-train', 'events.jsonl');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    writeFileSync(path, change(lines).map((line) => `${line}\n`).join(''));

    const { code, stdout } = await runPixelis(['runs', 'audit'], { cwd: copy });
    expect(code).toBe(5);
    expect(stdout).toMatch(/^a-train: damaged, .*\n {2}events\.jsonl: ./m);
    expect(stdout).toMatch(/^b-evaluate: intact/m);
    const one = await runPixelis(['runs', 'audit', 'a-train', '--json'], { cwd: copy });
    expect(one.code).toBe(5);
    expect(jsonOf(one)).toMatchObject([{ run_id: 'a-train', is_intact: false }]);
  }); // prettier-ignore

  it.each<[string, (folder: string) => void]>([
    ['changed', (folder) => appendFileSync(join(folder, 'metrics.jsonl'), '{"step":2}\n')],
    ['gone', (folder) => rmSync(join(folder, 'environment.json'))],
  ])('finds a file of a complete run that is %s', async (_, change) => {
    const copy = copyRuns(cwd, temporaryFolder());
    change(join(copy, 'out', 'runs', 'a-train'));
    const { code, stdout } = await runPixelis(['runs', 'audit', 'a-train'], { cwd: copy });
    expect(code).toBe(5);
    expect(stdout).toMatch(/^ {2}(?:metrics\.jsonl|environment\.json): ./m);
  });
});
