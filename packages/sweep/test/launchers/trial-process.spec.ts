import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { acquireFileLock } from '@pixelis/core';
import { isTrialAlive, readTrialEnd, type TrialTask } from '../../src';
import { isAlive, TrialFolder, until } from './trial-folder';

const LAUNCHERS = join(__dirname, '..', '..', 'dist', 'launchers');
const PROGRAM = join(LAUNCHERS, 'trial-process.js');
const GUARD = join(LAUNCHERS, 'trial-guard.js');

let folder: TrialFolder;
beforeEach(() => {
  folder = new TrialFolder();
});
afterEach(async () => {
  expect(await folder.remove()).toEqual([]);
});

describe('trial-guard', () => {
  it('lets no program begin while another one holds the lock', async () => {
    const lockPath = join(folder.path, 'program.lock');
    const lock = acquireFileLock(lockPath);
    const { argv } = folder.task(1, 'exit', '0');
    const child = spawn(process.execPath, ['--require', GUARD, ...argv], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, PIXELIS_TRIAL_LOCK: lockPath },
    });
    const { exitCode, stderr } = await endOf(child);
    lock?.release();
    expect(exitCode).toBe(143);
    expect(stderr).toBe('an earlier process of this trial has not ended yet\n');
    expect(folder.starts()).toEqual([]);
  });
});

describe('trial-process', () => {
  it('appends what the program prints to its log and writes how it ended', async () => {
    const task = folder.task(1, 'exit', '4', 'ä b');
    expect(await run(task)).toEqual({ exitCode: 4, stderr: '' });
    expect(await run(task)).toEqual({ exitCode: 4, stderr: '' });
    const once = 'exit 4 ä b\nvariable undefined options 0\n';
    expect(folder.log(1)).toBe(once + once);
    expect(folder.read('launcher/0001.end.json')).toBe('{"exit_code":4,"signal":null}\n');
    expect(readTrialEnd(task)).toEqual({ exitCode: 4, signal: null });
    expect(isTrialAlive(task)).toBe(false);
  });

  it('takes the task from a file', async () => {
    const task = folder.task(1, 'exit', '0');
    const path = join(folder.path, 'task.json');
    writeFileSync(path, JSON.stringify(task));
    expect((await endOf(start(path))).exitCode).toBe(0);
    expect(readTrialEnd(task)).toEqual({ exitCode: 0, signal: null });
  });

  it('records the signal that ended the program', async () => {
    const task = folder.task(1, 'die');
    expect((await run(task)).exitCode).toBe(137);
    expect(readTrialEnd(task)).toEqual({ exitCode: null, signal: 'SIGKILL' });
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('passes %s on and waits for the program', async (signal, code) => {
    const task = folder.task(1, 'wait');
    const process = start(JSON.stringify(task));
    await folder.untilStarted(1);
    expect(readTrialEnd(task)).toBeNull();
    process.kill(signal);
    expect((await endOf(process)).exitCode).toBe(code);
    expect(folder.log(1)).toMatch(new RegExp(`\n${signal}\n$`));
    expect(readTrialEnd(task)).toEqual({ exitCode: code, signal: null });
  });

  it('passes a second signal on', async () => {
    const task = folder.task(1, 'twice');
    const process = start(JSON.stringify(task));
    await folder.untilStarted(1);
    process.kill('SIGINT');
    await until(() => folder.log(1).includes('SIGINT'));
    process.kill('SIGTERM');
    expect((await endOf(process)).exitCode).toBe(143);
  });

  it('leaves alone the program that another process of the trial runs', async () => {
    const task = folder.task(1, 'wait');
    const first = start(JSON.stringify(task));
    await folder.untilStarted(1);
    expect(await run(task)).toEqual({
      exitCode: 0,
      stderr: 'trial 1 is run by another process already\n',
    });
    expect(readTrialEnd(task)).toBeNull();
    folder.go();
    expect((await endOf(first)).exitCode).toBe(0);
    expect(folder.starts()).toHaveLength(1);
  });

  it('stops the program if it is killed itself, and counts as alive until the program has stopped', async () => {
    const task = folder.task(1, 'linger');
    const first = start(JSON.stringify(task));
    await folder.untilStarted(1);
    first.kill('SIGKILL');
    await endOf(first);
    await until(() => folder.log(1).includes('SIGTERM'));
    expect(isTrialAlive(task)).toBe(true);
    const second = start(JSON.stringify({ ...task, argv: folder.task(1, 'exit', '0').argv }));
    await until(() => folder.read('launcher/0001.lock').includes(`"pid":${second.pid}`));
    expect(folder.starts()).toHaveLength(1);
    folder.go();
    expect((await endOf(second)).exitCode).toBe(0);
    expect(folder.starts().map(isAlive)).toEqual([false, false]);
    expect(readTrialEnd(task)).toEqual({ exitCode: 0, signal: null });
  });

  it('does not start the program if it is stopped while it waits for an earlier one', async () => {
    const task = folder.task(1, 'linger');
    const first = start(JSON.stringify(task));
    await folder.untilStarted(1);
    first.kill('SIGKILL');
    await endOf(first);
    await until(() => folder.log(1).includes('SIGTERM'));
    const second = start(JSON.stringify(task));
    await until(() => folder.read('launcher/0001.lock').includes(`"pid":${second.pid}`));
    second.kill('SIGTERM');
    expect((await endOf(second)).exitCode).toBe(143);
    expect(readTrialEnd(task)).toEqual({ exitCode: null, signal: 'SIGTERM' });
    folder.go();
    expect(folder.starts()).toHaveLength(1);
  });

  it('says how it ended if it is stopped in the moment in which it takes the lock', async () => {
    const task = folder.task(1, 'wait');
    const process = start(JSON.stringify(task));
    // Without a pause, so that the signal comes before anything else is done; no timeout of a test ends a loop that never waits.
    const deadlineMs = performance.now() + 30_000;
    while (!folder.read('launcher/0001.lock').includes(`"pid":${process.pid}`))
      if (performance.now() > deadlineMs) throw new Error('waited in vain for the lock');
    process.kill('SIGTERM');
    expect((await endOf(process)).exitCode).toBe(143);
    expect(readTrialEnd(task)).not.toBeNull();
  });

  it('says in log, end and on stderr that it cannot start the program', async () => {
    const task = { ...folder.task(1, 'exit', '0'), workingDirectory: join(folder.path, 'none') };
    const { exitCode, stderr } = await run(task);
    expect(exitCode).toBe(4);
    expect(stderr).toMatch(/^error: cannot start trial 1 in .*none: no such folder\nremedy: .+\n$/);
    expect(folder.log(1)).toContain('no such folder');
    expect(readTrialEnd(task)).toEqual({ exitCode: 4, signal: null });
  });

  it('does not start the program if its log cannot be written', async () => {
    const task = folder.task(1, 'exit', '0');
    mkdirSync(task.logPath, { recursive: true });
    const { exitCode, stderr } = await run(task);
    expect(exitCode).toBe(4);
    expect(stderr).toContain(task.logPath);
    expect(folder.starts()).toEqual([]);
    expect(readTrialEnd(task)).toEqual({ exitCode: 4, signal: null });
  });

  it('ends with 4 and no end file if that cannot be written', async () => {
    const task = folder.task(1, 'wait');
    const process = start(JSON.stringify(task));
    await folder.untilStarted(1);
    mkdirSync(join(task.endPath, 'x'), { recursive: true });
    folder.go();
    const { exitCode, stderr } = await endOf(process);
    expect(exitCode).toBe(4);
    expect(stderr).toContain(`error: cannot write ${task.endPath}`);
    expect(folder.log(1)).toContain('cannot write');
    rmSync(dirname(task.endPath), { recursive: true });
  });

  it.each([
    [[], 'it is missing'],
    [['{'], 'it must be a JSON object'],
    [[{ trial: 0 }], 'trial must be a whole number from 1'],
    [[{ argv: [] }], 'argv must be a list of texts'],
    [[{ argv: [1] }], 'argv must be a list of texts'],
    [[{ endPath: 'a' }], 'workingDirectory, logPath, endPath, lockPath must be absolute paths'],
  ])('refuses a task of %j', async ([given], reason) => {
    const task = folder.task(1, 'exit', '0');
    const argument =
      typeof given === 'object' ? [JSON.stringify({ ...task, ...given })] : given ? [given] : [];
    const { exitCode, stderr } = await endOf(start(...argument));
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(`error: cannot run a trial from this task: ${reason}\nremedy: `);
    expect(folder.starts()).toEqual([]);
  });
});

function start(...words: string[]): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
}

async function run(task: TrialTask): Promise<{ exitCode: number | null; stderr: string }> {
  return endOf(start(JSON.stringify(task)));
}

async function endOf(child: ChildProcess): Promise<{ exitCode: number | null; stderr: string }> {
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child, 'close');
  return { exitCode: child.exitCode, stderr };
}
