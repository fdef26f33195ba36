import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DataError } from '@pixelis/core';
import { createLocalLauncher, type TrialEnd, type TrialTask } from '../../src';
import { isAlive, startDriver, TrialFolder, until } from './trial-folder';

const MACHINE = { cores: 8, memoryBytes: 8e9 };

let folder: TrialFolder;
let stop: AbortController;
let ends: [number, TrialEnd | null][];
let started: number[];
beforeEach(() => {
  folder = new TrialFolder();
  stop = new AbortController();
  ends = [];
  started = [];
});
afterEach(async () => {
  expect(await folder.remove()).toEqual([]);
});

async function launch(jobs: number, ...tasks: TrialTask[]): Promise<void> {
  return createLocalLauncher({ jobs, ...MACHINE }).run(tasks, {
    signal: stop.signal,
    onStart: (trial) => started.push(trial),
    onEnd: (trial, end) => ends.push([trial, end]),
  });
}

/** The process that watches a trial. */
function watcher(task: TrialTask): number {
  const { pid } = JSON.parse(readFileSync(task.lockPath, 'utf8')) as { pid: number };
  return pid;
}

describe('createLocalLauncher()', () => {
  it('createLocalLauncher() says why fewer trials run at once than were asked for', () => {
    const { capacity } = createLocalLauncher({ jobs: 3, cores: 2, memoryBytes: 8e9 });
    expect(capacity.jobs).toBe(2);
    expect(capacity.reason).toContain('2 cores');
  });

  it('runs trials in their order, each once, and tells how each ended', async () => {
    await launch(
      1,
      folder.task(1, 'exit', '0'),
      folder.task(2, 'exit', '3'),
      folder.task(3, 'die'),
    );
    expect(started).toEqual([1, 2, 3]);
    expect(ends).toEqual([
      [1, { exitCode: 0, signal: null }],
      [2, { exitCode: 3, signal: null }],
      [3, { exitCode: null, signal: 'SIGKILL' }],
    ]);
    expect(folder.log(2)).toContain('exit 3\n');
  });

  it('runs as many at once as it may, and the next when one ends', async () => {
    const done = launch(2, ...[1, 2, 3].map((trial) => folder.task(trial, 'wait')));
    await folder.untilStarted(2);
    expect(started).toEqual([1, 2]);
    process.kill(folder.starts()[0] ?? 0, 'SIGTERM');
    await folder.untilStarted(3);
    expect(started).toEqual([1, 2, 3]);
    folder.go();
    await done;
    expect(ends).toHaveLength(3);
  });

  it('stops what runs and starts nothing more when it is aborted', async () => {
    const done = launch(2, ...[1, 2, 3].map((trial) => folder.task(trial, 'wait')));
    await folder.untilStarted(2);
    stop.abort();
    await done;
    expect(started).toEqual([1, 2]);
    expect(ends.sort()).toEqual([
      [1, { exitCode: 143, signal: null }],
      [2, { exitCode: 143, signal: null }],
    ]);
  });

  it('starts nothing if it is aborted already', async () => {
    stop.abort();
    await launch(2, folder.task(1, 'exit', '0'));
    expect([started, ends]).toEqual([[], []]);
  });

  it('does not take the end of an earlier attempt for that of a process that was killed', async () => {
    await launch(1, folder.task(1, 'exit', '0'));
    const task = folder.task(1, 'wait');
    const done = launch(1, task);
    await folder.untilStarted(2);
    process.kill(watcher(task), 'SIGKILL');
    await done;
    expect(ends).toEqual([
      [1, { exitCode: 0, signal: null }],
      [1, null],
    ]);
    expect(folder.log(1)).toMatch(/SIGTERM\n$/);
  });

  it('explains that the folder of the ends cannot be used', async () => {
    writeFileSync(join(folder.path, 'blocked'), '');
    const task = folder.task(1, 'exit', '0');
    const endPath = join(folder.path, 'blocked', 'end.json');
    await expect(launch(1, { ...task, endPath })).rejects.toThrow(DataError);
  });

  it('tells that a trial failed whose end could not be written', async () => {
    const task = folder.task(1, 'wait');
    const done = launch(1, task);
    await folder.untilStarted(1);
    rmSync(dirname(task.endPath), { recursive: true });
    folder.go();
    await done;
    expect(ends).toEqual([[1, { exitCode: 4, signal: null }]]);
  });

  it('waits for what a killed launcher left running, and starts the rest beside it', async () => {
    const tasks = [1, 2, 3].map((trial) => folder.task(trial, 'wait'));
    const driver = drive(2, tasks);
    await folder.untilStarted(2);
    driver.kill('SIGKILL');
    await once(driver, 'exit');
    const done = launch(2, ...tasks);
    expect(started).toEqual([1, 2]);
    expect(folder.starts().map(isAlive)).toEqual([true, true]);
    process.kill(watcher(tasks[0] as TrialTask), 'SIGINT');
    await folder.untilStarted(3);
    folder.go();
    await done;
    expect(ends.sort()).toEqual([
      [1, { exitCode: 130, signal: null }],
      [2, { exitCode: 0, signal: null }],
      [3, { exitCode: 0, signal: null }],
    ]);
    expect(folder.starts()).toHaveLength(3);
  });

  it('stops what a killed launcher left running when it is aborted', async () => {
    const task = folder.task(1, 'wait');
    const driver = drive(1, [task]);
    await folder.untilStarted(1);
    driver.kill('SIGKILL');
    await once(driver, 'exit');
    const done = launch(1, task);
    stop.abort();
    await done;
    expect(ends).toEqual([[1, { exitCode: 143, signal: null }]]);
  });

  it('waits for what another launcher runs', async () => {
    const tasks = [1, 2].map((trial) => folder.task(trial, 'wait'));
    const driver = drive(2, tasks);
    await folder.untilStarted(2);
    const done = launch(2, ...tasks);
    folder.go();
    await Promise.all([done, once(driver, 'exit')]);
    expect(ends.sort()).toEqual([1, 2].map((trial) => [trial, { exitCode: 0, signal: null }]));
    expect(folder.starts()).toHaveLength(2);
  });

  it('lets trials that cannot be reached from here be when it is aborted', async () => {
    const task = folder.task(1, 'exit', '0');
    await launch(1, task);
    const holder = { hostname: 'elsewhere', machine_id: null, boot_id: 'another' };
    const place = { pid_namespace: null, pid: 1, process_start: null };
    writeFileSync(task.lockPath, JSON.stringify({ ...holder, ...place }));
    const done = launch(1, task);
    stop.abort();
    await done;
    expect(started).toEqual([1, 1]);
    expect(ends).toHaveLength(1);
    expect(folder.starts()).toHaveLength(1);
    rmSync(task.lockPath);
  });

  it('stays out of the way of a Ctrl-C in the terminal', async () => {
    const task = folder.task(1, 'wait');
    const driver = drive(1, [task]);
    await folder.untilStarted(1);
    // What a terminal sends goes to the whole process group.
    process.kill(-(driver.pid ?? 0), 'SIGINT');
    await once(driver, 'exit');
    expect(folder.starts().map(isAlive)).toEqual([true]);
    folder.go();
    await until(() => !isAlive(folder.starts()[0] ?? 0));
    expect(folder.log(1)).not.toContain('SIG');
  });
});

function drive(jobs: number, tasks: readonly TrialTask[]): ChildProcess {
  return startDriver({ kind: 'local', options: { jobs, ...MACHINE }, tasks });
}
