import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '@pixelis/core';
import { withExperiment } from '@pixelis/experiment';
import { repositoryRoot } from '../../src/train-program';
import { jsonOf } from '../support/expect-json';
import { editJson } from '../support/forge-run';
import { type Ending, pixelis } from '../support/programs';
import { runPixelis } from '../support/run-pixelis';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();
const BACKEND = { name: 'cpu', version: '2.18.0', threads: 2 };

let cwd = '';
beforeEach(() => {
  cwd = temporaryFolder();
});

const env = (...args: string[]) => runPixelis(['env', ...args], { cwd });

describe('pixelis env lock', () => {
  it('writes the environment of train and prints its hash and that of the lock file', async () => {
    const { code, stdout, stderr } = await env('lock');
    const text = readFileSync(join(cwd, 'env.lock.json'), 'utf8');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^wrote +env\.lock\.json, \d+ packages of @pixelis\/train$/m);
    expect(stdout).toContain(`sha256             ${sha256(text)}\n`);
    const lock = readFileSync(join(repositoryRoot(), 'package-lock.json'));
    expect(stdout).toContain(`package-lock.json  ${sha256(lock)}\n`);
    expect(stderr).toBe(
      'note: a program reads env.lock.json beside its package-lock.json, and there alone\n',
    );
    expect(JSON.parse(text)).toMatchObject({
      env_lock_version: 1,
      name: 'train',
      node: process.versions.node,
      platform: process.platform,
      packages: { '@tensorflow/tfjs': expect.any(String) as string },
    });
    for (const told of [hostname(), homedir(), cwd, repositoryRoot()])
      expect(text).not.toContain(`"${told}`);
  });

  it('writes the same bytes again, and those of another program into a file of its own', async () => {
    writeFileSync(join(cwd, 'package-lock.json'), '{}');
    const first = await env('lock', '--json');
    expect(jsonOf(await env('lock', '--json'))).toEqual(jsonOf(first));
    expect(first.stderr).toBe('');
    const other = jsonOf(await env('lock', '--name', 'evaluate', '--json'));
    expect(other).toMatchObject({ file: 'env.evaluate.lock.json', program: '@pixelis/evaluate' });
    await env('lock', '--file', 'mine.json');
    expect(readFileSync(join(cwd, 'mine.json'))).toEqual(readFileSync(join(cwd, 'env.lock.json')));
  });

  it.each([
    [['lock', '--name', 'trian'], 2, /^error: There is no program "trian"\nremedy: Did you mean train/],
    [['lock', '--file', 'none/a.json'], 4, /^error: .*none/],
    [['lock', 'word'], 2, /word/],
    [['diff', 'nope'], 2, /no run "nope"/],
    [['diff', 'none/manifest.json'], 4, /holds no environment/],
    [['diff', '--name', 'trian'], 2, /Did you mean train/],
  ])('refuses %j with %d, and leaves nothing behind', async (args, code, message) => {
    const ending = await env(...args);
    expect(ending).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) as string });
    expect(readdirSync(cwd)).toEqual([]);
  }); // prettier-ignore
});

describe('pixelis env diff', () => {
  it('finds the present environment equal to its lock, and to its lock file', async () => {
    expect(await env('diff')).toEqual({ code: 0, stdout: 'equal: package-lock.json and present\n', stderr: '' });
    await env('lock');
    expect(await env('diff')).toMatchObject({ code: 0, stdout: 'equal: env.lock.json and present\n' });
    const lock = join(repositoryRoot(), 'package-lock.json');
    expect(await env('diff', lock, 'env.lock.json')).toMatchObject({ code: 0 });
  }); // prettier-ignore

  it('names all that differs in a table and in JSON, and ends with 3', async () => {
    await env('lock');
    changeLock((text) =>
      text
        .replace(/"node":"[^"]*"/, '"node":"18.0.0"')
        .replace(/("lock_file":\{"name":"[^"]*","sha256":")[0-9a-f]{64}/, `$1${'e'.repeat(64)}`)
        .replace('"zod":', '"absent":"1.0.0","zod":'),
    );
    const { code, stdout } = await env('diff');
    expect(code).toBe(3);
    expect(stdout).toMatch(/^WHAT +env\.lock\.json +present +REMEDY$/m);
    expect(stdout).toMatch(/^lock_file\.sha256 +e{12} +[0-9a-f]{12} +\S/m);
    expect(stdout).toMatch(/^node +18\.0\.0 +\d+\.\d+\.\d+ +install Node 18\.0\.0, npm ci$/m);
    expect(stdout).toMatch(/^packages\.absent +1\.0\.0 +- +npm ci$/m);
    const ending = await env('diff', 'env.lock.json', '--json');
    expect(ending.code).toBe(3);
    expect(jsonOf({ ...ending, code: 0, stderr: '' })).toMatchObject({
      a: 'env.lock.json',
      b: 'present',
      differences: [{ what: 'lock_file.sha256' }, { what: 'node' }, { what: 'packages.absent' }],
    });
  });

  it('compares runs, by id, latest, folder or manifest, with the present and with each other', async () => {
    await record('a');
    const b = await record('b');
    for (const run of ['a', 'latest', b, join(b, 'manifest.json')])
      expect(await env('diff', run)).toMatchObject({ code: 0 });
    expect(await env('diff', 'a', 'b')).toMatchObject({ code: 0, stdout: 'equal: a and b\n' });
    const edit = (text: string) => text.replace('"version":"2.18.0"', '"version":"2.20.0"');
    editJson(join(b, 'manifest.json'), edit);
    const { code, stdout } = await env('diff', 'a', 'b');
    expect(code).toBe(3);
    expect(stdout).toMatch(/^WHAT +a +b +REMEDY\nbackend\.version +2\.18\.0 +2\.20\.0 +install/);
  });

  it('takes an environment lock in a folder, and compares a run of evaluate with evaluate', async () => {
    mkdirSync(join(cwd, 'locks'));
    await env('lock', '--file', 'locks/env.lock.json', '--name', 'evaluate');
    expect(await env('diff', 'locks')).toMatchObject({ code: 0 });
    await record('e', 'evaluate');
    expect(await env('diff', 'e')).toMatchObject({ code: 0 });
    expect(await env('diff', 'locks', 'e')).toMatchObject({ code: 0 });
  });

  it.each([
    ['{}', 4, /^error: env\.lock\.json is no environment lock: .*\nremedy: /],
    ['{"env_lock_version":', 4, /^error: env\.lock\.json is no environment lock: it is no JSON\n/],
    ['{"env_lock_version":7}', 3, /of version 7, later than 1\nremedy: use the version/],
  ])('refuses a lock that is %s', async (text, code, message) => {
    writeFileSync(join(cwd, 'env.lock.json'), text);
    const ending = await env('diff');
    expect([ending.code, ending.stdout]).toEqual([code, '']);
    expect(ending.stderr).toMatch(message);
  });

  it.each(['', '/sweep.json', '/manifest.json'])('says of a sweep%s that it is one, and names a run', async (file) => {
    const folder = join(cwd, 'out', 'sweeps', 'lr');
    mkdirSync(folder, { recursive: true });
    const search = { sweep_version: 1, mode: 'sft', seed: 1, trials: 2, sweep: {}, config: {}, origins: {} };
    writeFileSync(join(folder, 'sweep.json'), JSON.stringify({ ...search, fingerprint: sha256('') }));
    writeFileSync(join(folder, 'manifest.json'), '{}');
    expect(await env('diff', `out/sweeps/lr${file}`)).toEqual({
      code: 4,
      stdout: '',
      stderr:
        `error: out/sweeps/lr${file} is of a sweep, whose trials each have an environment of their own\n` +
        'remedy: Name the run of a trial, such as lr-0001.\n',
    });
  }); // prettier-ignore

  it('is a program of its own, too', async () => {
    const ending: Ending = await pixelis(['env', 'diff'], { cwd });
    expect(ending).toEqual({ code: 0, stdout: 'equal: package-lock.json and present\n', stderr: '' });
  }); // prettier-ignore
});

describe('pixelis runs show', () => {
  it('shows what the environment policy was forced to pass over', async () => {
    await record('plain');
    await record('forced', 'train', true);
    const show = async (run: string, ...more: string[]) =>
      runPixelis(['runs', 'show', run, ...more], { cwd });
    const { stdout } = await show('forced');
    expect(stdout).toMatch(/^environment policy +strict, forced in spite of 1 difference$/m);
    expect(stdout).toMatch(
      /^environment that is not the expected one\n {2}node {2}\S+, expected 18\.0\.0 by run x$/m,
    );
    expect(jsonOf(await show('forced', '--json'))).toMatchObject({
      environment_policy: { policy: 'strict', forced: true, differences: [{ what: 'node' }] },
    });
    expect(jsonOf(await show('plain', '--json'))).toMatchObject({
      environment_policy: { policy: 'warn', forced: false, differences: [] },
    });
    rmSync(join(cwd, 'out/runs/plain/events.jsonl'));
    expect((await show('plain')).stdout).not.toContain('environment policy');
  });
});

// Helpers

/** Records a run as a program would, and gives its folder. */
async function record(runId: string, program = 'train', isForced = false): Promise<string> {
  const expected = isForced ? [{ source: 'run x', environment: { node: '18.0.0' } }] : [];
  return withExperiment(
    {
      root: join(cwd, 'out'),
      runId,
      folder: join(repositoryRoot(), 'apps', program),
      hardwareIntervalMs: 0,
      facts: { backend: BACKEND },
      environmentPolicy: { policy: isForced ? 'strict' : 'warn', isForced, expected },
      warn: () => undefined,
    },
    ({ directory }) => directory,
  );
}

function changeLock(change: (text: string) => string): void {
  const path = join(cwd, 'env.lock.json');
  expect(existsSync(path)).toBe(true);
  editJson(path, change);
}
