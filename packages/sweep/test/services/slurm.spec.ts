import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSlurmLauncher, type SlurmLauncherOptions, type TrialTask } from '../../src';
import { ask, SlurmCluster, until } from './slurm-cluster';

const PROGRAM = join(__dirname, 'slurm-program.cjs');
const DRIVER = join(__dirname, 'slurm-driver.cjs');
const TIMING = { tickMs: 100, queueMs: 200, slowestQueueMs: 500, diskMs: 1000 };

let cluster: SlurmCluster;
let folder: string;

beforeAll(async () => {
  cluster = await SlurmCluster.start();
});
afterAll(async () => cluster.stop());
beforeEach(() => {
  // A shell must leave the blank, the quote and the dollar alone, and sbatch the percent sign.
  folder = join(mkdtempSync(join(tmpdir(), 'pixelis-sweep-')), "it's 5%a of $HOME");
  mkdirSync(folder);
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

describe('createSlurmLauncher() on a cluster', () => {
  it('runs four trials at once, and one after another with jobs: 1', async () => {
    // What the user prefers to see must hide nothing.
    process.env['SQUEUE_PARTITION'] = 'closed';
    expect(await launch([1, 2, 3, 4].map((trial) => task(trial, 'meet', 3)))).toEqual({
      started: [1, 2, 3, 4],
      ended: [1, 2, 3, 4].map((trial) => [trial, { exitCode: 0, signal: null }]),
      notices: [expect.stringMatching(/^submitted job \d+ \(pixelis-.*\): trials 1-4$/)],
    });
    expect(readdirSync(join(folder, 'launcher', 'slurm'))).toEqual([]);

    const { ended } = await launch([task(5, 'count', 2), task(6, 'count', 2)], { jobs: 1 });
    expect(ended.map(([trial]) => trial)).toEqual([5, 6]);
    delete process.env['SQUEUE_PARTITION'];
  });

  it('tells of a trial that fails, with its log', async () => {
    const { ended } = await launch([task(1, 'fail'), task(2, 'count', 2)]);

    expect(ended).toEqual([
      [1, { exitCode: 4, signal: null }],
      [2, { exitCode: 0, signal: null }],
    ]);
    expect(readFileSync(task(1, 'fail').logPath, 'utf8')).toBe('no good\n');
  });

  it('stops what runs as by SIGTERM and takes back what waits when it is aborted', async () => {
    const abort = new AbortController();
    const tasks = [1, 2, 3, 4, 5].map((trial) => task(trial, 'go on for ever'));
    const launched = launch(tasks, {}, abort.signal);
    await until('four run', () => tasks.filter(({ trial }) => hasStarted(trial)).length === 4);
    abort.abort();

    const { ended } = await launched;
    expect(ended).toHaveLength(4);
    expect(new Set(ended.map(([, end]) => JSON.stringify(end)))).toEqual(
      new Set([JSON.stringify({ exitCode: 143, signal: null })]),
    );
    await until('the queue is empty', async () => (await ask('squeue', '-h')) === '');
  });

  it('puts a trial that is warned back into the queue, where it goes on from its step', async () => {
    const launched = launch([task(1, 'count', 60), task(2, 'count', 3)]);
    await until('trial 1 is at its work', () => stepsOf(1) >= 3);
    const id = await ask('squeue', '-h', '--array', '--states=RUNNING', '--format=%F_%K %j');
    const [job = ''] = id.split('\n').filter((line) => /_1 /.test(line));
    await ask('scancel', '--batch', '--signal=USR1', job.split(' ')[0] ?? '');

    const { started, ended, notices } = await launched;
    expect(started.sort()).toEqual([1, 2]);
    expect(ended.sort()).toEqual([1, 2].map((trial) => [trial, { exitCode: 0, signal: null }]));
    expect(notices).toContain('trial 1 is back in the queue');
    expect(stepsOf(1)).toBe(60);
    expect(startsOf(1)).toEqual([0, Number(readFileSync(at(1, 'stopped-at'), 'utf8'))]);
  });

  it('brings a trial to its end that takes longer than its time limit', async () => {
    const { ended } = await launch([task(1, 'count', 700)], {
      options: { time: '1' },
      notifySeconds: 30,
    });

    expect(ended).toEqual([[1, { exitCode: 0, signal: null }]]);
    expect(stepsOf(1)).toBe(700);
    expect(startsOf(1).length).toBeGreaterThan(1);
  });

  it('waits for the trials of a driver that was killed, and submits none twice', async () => {
    const tasks = [task(1, 'count', 80), task(2, 'count', 2)];
    const driver = spawn(
      process.execPath,
      [DRIVER, JSON.stringify({ directory: at('launcher'), tasks })],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: process.env,
      },
    );
    await until('trial 1 is at its work', () => stepsOf(1) > 0);
    const killed = once(driver, 'exit');
    driver.kill('SIGKILL');
    await killed;

    const { ended, notices } = await launch(tasks.slice(0, 1));
    expect(ended).toEqual([[1, { exitCode: 0, signal: null }]]);
    expect(notices).toEqual([]);
    expect(startsOf(1)).toEqual([0]);
  });

  it('names a trial that vanished', async () => {
    const launched = launch([task(1, 'go on for ever')]);
    await until('it is at its work', () => stepsOf(1) > 0);
    const { pid } = JSON.parse(readFileSync(task(1, '').lockPath, 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');

    const { ended } = await launched;
    expect(ended).toEqual([[1, null]]);
  });

  it('says what sbatch refuses, with exit code 2', async () => {
    await expect(
      launch([task(1, 'fail')], { options: { partition: 'nowhere' } }),
    ).rejects.toMatchObject({
      code: 'SLURM_REFUSED',
      exitCode: 2,
      message: expect.stringContaining('invalid partition specified: nowhere') as string,
    });
    expect(readdirSync(at('launcher', 'slurm'))).toEqual([]);
  });

  it('tells why a trial waits where that is not ordinary', async () => {
    const abort = new AbortController();
    const notices: string[] = [];
    const launched = launch(
      [task(1, 'fail')],
      { options: { partition: 'closed' }, onNotice: (line) => void notices.push(line) },
      abort.signal,
    );
    await until('it is told', () => notices.some((line) => /^job \d+ waits: Partition/.test(line)));
    abort.abort();

    expect(await launched).toMatchObject({ started: [], ended: [] });
  });

  it('bears a controller that is away while trials run, and gives up where none answers', async () => {
    const notices: string[] = [];
    const launched = launch([task(1, 'count', 150)], {
      onNotice: (line) => void notices.push(line),
    });
    await until('it is at its work', () => stepsOf(1) > 0);
    await cluster.stopController();
    await until('it is told', () => notices.some((line) => line.endsWith('; trials go on')));

    await expect(launch([task(2, 'fail')])).rejects.toMatchObject({
      code: 'SLURM_UNREACHABLE',
      exitCode: 6,
    });
    cluster.startController();
    expect(await launched).toMatchObject({ ended: [[1, { exitCode: 0, signal: null }]] });
  });
});

// Helpers

async function launch(
  tasks: readonly TrialTask[],
  options: Partial<SlurmLauncherOptions> = {},
  signal = new AbortController().signal,
) {
  const started: number[] = [];
  const ended: [number, unknown][] = [];
  const notices: string[] = [];
  const launcher = createSlurmLauncher({
    directory: at('launcher'),
    timing: TIMING,
    onNotice: (line) => void notices.push(line),
    ...options,
  });
  await launcher.run(tasks, {
    signal,
    onStart: (trial) => void started.push(trial),
    onEnd: (trial, end) => void ended.push([trial, end]),
  });
  return { started, ended: ended.sort(), notices };
}

function task(trial: number, deed: string, count = 0): TrialTask {
  mkdirSync(at(trial), { recursive: true });
  return {
    trial,
    argv: [PROGRAM, deed, at(trial), String(count)],
    workingDirectory: folder,
    logPath: at('logs', `${trial}.log`),
    endPath: at('launcher', 'ends', `${trial}.json`),
    lockPath: at('launcher', 'locks', `${trial}.lock`),
  };
}

function at(...path: (string | number)[]): string {
  return join(folder, ...path.map(String));
}

function hasStarted(trial: number): boolean {
  return existsSync(at(trial, 'starts'));
}

/** The step at which each of a trial's processes began. */
function startsOf(trial: number): number[] {
  const lines = readFileSync(at(trial, 'starts'), 'utf8').trim().split('\n');
  return lines.map((line) => Number(line.split(' ')[1]));
}

function stepsOf(trial: number): number {
  return existsSync(at(trial, 'steps')) ? readFileSync(at(trial, 'steps'), 'utf8').length : 0;
}
