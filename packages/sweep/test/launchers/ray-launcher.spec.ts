import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { acquireFileLock } from '@pixelis/core';
import { createRayLauncher, type TrialEnd, type TrialTask } from '../../src';
import type { RayJob } from '../../src/launchers/ray/ray-client';
import { RayServer } from './ray-server';
import { TrialFolder, until } from './trial-folder';

let server: RayServer;
let address: string;
let folder: TrialFolder;
let task: TrialTask;
let stop: AbortController;
let ends: [number, TrialEnd | null][];
let started: number[];
beforeEach(async () => {
  server = new RayServer();
  address = await server.start();
  folder = new TrialFolder();
  task = folder.task(1, 'exit', '0');
  mkdirSync(dirname(task.endPath));
  stop = new AbortController();
  ends = [];
  started = [];
});
afterEach(async () => {
  await server.stop();
  await folder.remove();
});

async function launch(tasks: readonly TrialTask[] = [task], changes: object = {}): Promise<void> {
  const options = { tag: 'test', address, pollMs: 5, patienceMs: 50, ...changes };
  return createRayLauncher(options).run(tasks, {
    signal: stop.signal,
    onStart: (trial) => started.push(trial),
    onEnd: (trial, end) => ends.push([trial, end]),
  });
}

/** As the wrapper would on some node. */
function writeEnd({ endPath }: TrialTask, exitCode: number): void {
  writeFileSync(endPath, JSON.stringify({ exit_code: exitCode, signal: null }));
}

function idsOf(): string[] {
  return server.submitted.map(({ submission_id: id }) => id);
}

describe('createRayLauncher()', () => {
  it('submits what a trial needs, under a name that a later launcher finds', async () => {
    server.onSubmit = () => {
      writeEnd(task, 3);
      return { status: 'FAILED', driver_exit_code: 3 };
    };
    await launch([task], { cpusPerTrial: 0.5, gpusPerTrial: 1, stopTimeoutS: 7, env: { A: 'b' } });
    expect(ends).toEqual([[1, { exitCode: 3, signal: null }]]);
    expect(started).toEqual([1]);
    expect(server.submitted).toMatchObject([
      {
        submission_id: expect.stringMatching(/^pixelis-test-0001-[0-9a-f]{8}-1$/) as string,
        entrypoint_num_cpus: 0.5,
        entrypoint_num_gpus: 1,
        runtime_env: { env_vars: { A: 'b', RAY_JOB_STOP_WAIT_TIME_S: '7' } },
        metadata: { pixelis_sweep: 'test', pixelis_trial: '1' },
      },
    ]);
    await launch();
    expect(idsOf()[1]).toBe(idsOf()[0]?.replace(/1$/, '2'));
  });

  it('reserves the memory that a trial takes, if that is said', async () => {
    server.onSubmit = () => ({ status: 'STOPPED' });
    await launch([task], { memoryPerTrialBytes: 2 ** 30 });
    await launch();
    expect(server.submitted.map(({ entrypoint_memory: bytes }) => bytes)).toEqual([
      2 ** 30,
      undefined,
    ]);
  });

  it('keeps sweeps of one tag in different folders apart', async () => {
    server.onSubmit = () => ({ status: 'STOPPED' });
    await launch([task]);
    await launch([{ ...task, lockPath: `${task.lockPath}.other` }]);
    expect(new Set(idsOf()).size).toBe(2);
  });

  it('submits no more at once than it may', async () => {
    const tasks = [1, 2, 3].map((trial) => folder.task(trial, 'exit', '0'));
    const done = launch(tasks, { jobs: 2 });
    await until(() => server.submitted.length === 2);
    await until(() => server.requests.length > 5);
    expect(server.submitted).toHaveLength(2);
    for (const each of tasks) writeEnd(each, 0);
    await until(() => server.submitted.length === 3);
    for (const each of tasks) writeEnd(each, 0);
    await done;
    expect(ends).toHaveLength(3);
  });

  it('follows the job that an earlier launcher submitted last', async () => {
    server.onSubmit = () => ({ status: 'FAILED' });
    await launch();
    server.onSubmit = () => ({});
    const driver = new AbortController();
    const left = createRayLauncher({ tag: 'test', address, pollMs: 5 }).run([task], {
      signal: driver.signal,
      onStart: () => undefined,
      onEnd: () => undefined,
    });
    await until(() => server.submitted.length === 2);
    const done = launch();
    writeEnd(task, 0);
    await Promise.all([left, done]);
    expect(ends).toEqual([
      [1, null],
      [1, { exitCode: 0, signal: null }],
    ]);
    expect(server.submitted).toHaveLength(2);
  });

  it('does not follow a job that has ended although Ray does not know it yet', async () => {
    const finish = (exitCode: number) => () => {
      writeEnd(task, exitCode);
      return {};
    };
    server.onSubmit = finish(143);
    await launch();
    server.onSubmit = finish(0);
    await launch();
    expect(ends).toEqual([
      [1, { exitCode: 143, signal: null }],
      [1, { exitCode: 0, signal: null }],
    ]);
    expect(server.submitted).toHaveLength(2);
  });

  it('waits for a process that belongs to no job any more', async () => {
    const lock = acquireFileLock(task.lockPath);
    const done = launch();
    await until(() => started.length === 1);
    writeEnd(task, 0);
    lock?.release();
    await done;
    expect(ends).toEqual([[1, { exitCode: 0, signal: null }]]);
    expect(server.submitted).toEqual([]);
  });

  it('leaves alone a process that belongs to no job any more when it is aborted', async () => {
    const lock = acquireFileLock(task.lockPath);
    stop.abort();
    await launch();
    expect(ends).toEqual([]);
    lock?.release();
  });

  it('submits again what Ray found no place for in time', async () => {
    server.onSubmit = () => {
      if (server.submitted.length < 3)
        return { status: 'FAILED', error_type: 'JOB_SUPERVISOR_ACTOR_START_TIMEOUT' };
      writeEnd(task, 0);
      return { status: 'SUCCEEDED', driver_exit_code: 0 };
    };
    await launch();
    expect(ends).toEqual([[1, { exitCode: 0, signal: null }]]);
    expect(idsOf().map((id) => id.slice(-1))).toEqual(['1', '2', '3']);
  });

  it('tells that a trial vanished whose job Ray no longer knows', async () => {
    const done = launch();
    await until(() => server.submitted.length === 1);
    server.jobs.clear();
    await done;
    expect(ends).toEqual([[1, null]]);
  });

  it.each<[string, RayJob, TrialEnd | null]>([
    ['stopped by hand', { status: 'STOPPED' }, { exitCode: null, signal: 'SIGTERM' }],
    ['lost with its node', { status: 'FAILED', message: 'died' }, null],
    ['killed', { status: 'FAILED', driver_exit_code: -9 }, null],
    ['without Node', { status: 'FAILED', driver_exit_code: 127 }, { exitCode: 127, signal: null }],
    ['said to be done', { status: 'SUCCEEDED', driver_exit_code: 0 }, null],
  ])('tells how a job ended that was %s and left no word', async (_, job, end) => {
    server.onSubmit = () => job;
    await launch();
    expect(ends).toEqual([[1, end]]);
  });

  it('writes why Ray could not run a trial to its log', async () => {
    server.onSubmit = () => ({
      status: 'FAILED',
      driver_exit_code: 127,
      message: 'node:\nnot found',
    });
    await launch();
    expect(JSON.parse(folder.log(1))).toMatchObject({
      error: { code: 'RAY_JOB_FAILED', message: 'the Ray job of trial 1 failed: node: not found' },
    });
  });

  it('waits for the word of a trial that the shared disk brings late', async () => {
    server.onSubmit = () => ({ status: 'SUCCEEDED', driver_exit_code: 0 });
    const done = launch([task], { patienceMs: 60_000 });
    await until(() => server.requests.some(({ url = '' }) => url.startsWith('/api/jobs/pixelis')));
    writeEnd(task, 0);
    await done;
    expect(ends).toEqual([[1, { exitCode: 0, signal: null }]]);
  });

  it('asks jobs to stop when it is aborted, and submits nothing more', async () => {
    const done = launch([task, folder.task(2, 'exit', '0')], { jobs: 1, pollMs: 60_000 });
    await until(() => server.submitted.length === 1);
    stop.abort();
    await done;
    expect(server.stopped).toEqual(idsOf());
    expect(ends).toEqual([[1, { exitCode: null, signal: 'SIGTERM' }]]);
    expect(server.submitted).toHaveLength(1);
  });

  it('does not wait long for a job that has no place yet when it is aborted', async () => {
    server.onSubmit = () => ({ status: 'PENDING' });
    const done = launch();
    await until(() => server.submitted.length === 1);
    stop.abort();
    await done;
    expect(server.stopped).toEqual(idsOf());
    expect([started, ends]).toEqual([[], []]);
  });

  it('follows many jobs at once without a warning of Node', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', listen);
    const tasks = Array.from({ length: 30 }, (_, index) => folder.task(index + 1, 'exit', '0'));
    const done = launch(tasks, { pollMs: 50 });
    await until(() => server.submitted.length === 30);
    for (const each of tasks) writeEnd(each, 0);
    await done;
    process.off('warning', listen);
    expect(ends).toHaveLength(30);
    expect(warnings).toEqual([]);
  });

  it('fails if Ray refuses a job', async () => {
    server.faults.push('pass', 400);
    const done = launch([task, folder.task(2, 'exit', '0')]);
    await expect(done).rejects.toMatchObject({ code: 'RAY_FAILED' });
    stop.abort();
  });

  it('takes the address and the token of the environment', async () => {
    const before = { ...process.env };
    process.env = { ...before, RAY_API_SERVER_ADDRESS: address, RAY_AUTH_TOKEN: 'abc' };
    try {
      server.onSubmit = () => ({ status: 'STOPPED' });
      await launch([task], { address: undefined });
      expect(server.requests[0]?.headers.authorization).toBe('Bearer abc');
    } finally {
      process.env = before;
    }
  });

  it('refuses a tag that is no name', () => {
    expect(() => createRayLauncher({ tag: 'a/b', address })).toThrow('a/b');
  });
});
