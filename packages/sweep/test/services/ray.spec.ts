import { once } from 'node:events';
import { RemoteError } from '@pixelis/core';
import { createRayLauncher, type TrialEnd, type TrialTask } from '../../src';
import { isAlive, startDriver, TrialFolder, until } from '../launchers/trial-folder';
import { RayHead } from './ray-head';

const CPUS = 2;
const SUCCESS = { exitCode: 0, signal: null };

let head: RayHead;
let folder: TrialFolder;
let stop: AbortController;
let ends: [number, TrialEnd | null][];
let started: number[];

beforeAll(async () => {
  head = await RayHead.start({ cpus: CPUS });
});
afterAll(async () => {
  await head.stop();
  expect(head.processes()).toEqual([]);
});
beforeEach(() => {
  folder = new TrialFolder();
  stop = new AbortController();
  ends = [];
  started = [];
});
afterEach(async () => {
  expect(await folder.remove()).toEqual([]);
});

function options(changes: object = {}): { tag: string; address: string } {
  return { tag: 'test', address: head.address, ...{ pollMs: 50, patienceMs: 500 }, ...changes };
}

async function launch(tasks: readonly TrialTask[], changes: object = {}): Promise<void> {
  return createRayLauncher(options(changes)).run(tasks, {
    signal: stop.signal,
    onStart: (trial) => started.push(trial),
    onEnd: (trial, end) => ends.push([trial, end]),
  });
}

describe('createRayLauncher() on a real cluster', () => {
  it('runs several trials at once, and the others as places become free', async () => {
    const tasks = [1, 2, 3].map((trial) => folder.task(trial, 'wait'));
    const done = launch(tasks);
    await folder.untilStarted(CPUS);
    expect(ends).toEqual([]);
    folder.go();
    await done;
    expect(ends.sort()).toEqual([1, 2, 3].map((trial) => [trial, SUCCESS]));
    expect(started.sort()).toEqual([1, 2, 3]);
    expect(folder.starts()).toHaveLength(3);
  });

  it('tells how trials failed, and runs a trial again that was run before', async () => {
    const tasks = [folder.task(1, 'exit', '4', 'it\'s $HOME `x` \\ "ä"'), folder.task(2, 'die')];
    await launch(tasks);
    ends.sort();
    await launch([folder.task(2, 'exit', '0')]);
    expect(ends).toEqual([
      [1, { exitCode: 4, signal: null }],
      [2, { exitCode: null, signal: 'SIGKILL' }],
      [2, SUCCESS],
    ]);
    expect(folder.log(1)).toContain('exit 4 it\'s $HOME `x` \\ "ä"\n');
  });

  it('stops trials as by SIGTERM when it is aborted, and gives them the time to end', async () => {
    const tasks = [folder.task(1, 'wait'), folder.task(2, 'linger'), folder.task(3, 'wait')];
    const done = launch(tasks, { jobs: 2 });
    await folder.untilStarted(2);
    stop.abort();
    await until(() => folder.log(2).includes('SIGTERM'));
    // Ray itself would wait for three seconds.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    expect(ends).toEqual([[1, { exitCode: 143, signal: null }]]);
    folder.go();
    await done;
    expect(ends.sort()).toEqual([1, 2].map((trial) => [trial, { exitCode: 143, signal: null }]));
    expect(started.sort()).toEqual([1, 2]);
  });

  it('kills a trial that does not stop in time, and tells that it vanished or was stopped', async () => {
    const done = launch([folder.task(1, 'linger')], { stopTimeoutS: 1 });
    await folder.untilStarted(1);
    stop.abort();
    await done;
    expect(ends).toEqual([[1, { exitCode: null, signal: 'SIGTERM' }]]);
    expect(folder.starts().map(isAlive)).toEqual([false]);
  });

  it('waits for the jobs of a driver that was killed', async () => {
    const tasks = [1, 2].map((trial) => folder.task(trial, 'wait'));
    const driver = startDriver({ kind: 'ray', options: options(), tasks });
    await folder.untilStarted(2);
    driver.kill('SIGKILL');
    await once(driver, 'exit');
    const done = launch(tasks);
    await until(() => started.length === 2);
    folder.go();
    await done;
    expect(ends.sort()).toEqual([1, 2].map((trial) => [trial, SUCCESS]));
    expect(folder.starts()).toHaveLength(2);
  });

  it('tells that a trial vanished whose process was killed', async () => {
    const task = folder.task(1, 'wait');
    const done = launch([task]);
    await folder.untilStarted(1);
    const { pid } = JSON.parse(folder.read('launcher/0001.lock')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await done;
    expect(ends).toEqual([[1, null]]);
    await until(() => !isAlive(folder.starts()[0] ?? 0));
  });

  it('says in the log why a node could not run a trial', async () => {
    const task = folder.task(1, 'exit', '0');
    await launch([{ ...task, workingDirectory: 'relative' }]);
    expect(ends).toEqual([[1, { exitCode: 2, signal: null }]]);
    expect(folder.log(1)).toMatch(/^\{"error":\{"code":"RAY_JOB_FAILED".*absolute paths/);
  });

  it('fails with RAY_UNEXPECTED where another server listens', async () => {
    const launched = launch([folder.task(1, 'exit', '0')], { address: `${head.address}/nothing` });
    await expect(launched).rejects.toMatchObject({ code: 'RAY_UNEXPECTED' });
    await expect(launched).rejects.toThrow(RemoteError);
  });
});
