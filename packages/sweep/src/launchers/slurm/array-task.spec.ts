import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acquireFileLock, workerEntry } from '@pixelis/core';
import { FakeSlurm } from '../../../test/support/fake-slurm';
import { useTemporaryFolder } from '../../../test/support/temporary-folder';
import type { TrialTask } from '../launcher';
import { readTrialEnd } from '../trial-end';
import { againPath } from './task-file';

const ARRAY_TASK = workerEntry(__filename, 'array-task');
/** Says that it is there, then what it hears, and ends as it is told. */
const PROGRAM = `
const { appendFileSync } = require('node:fs');
const [told, code] = process.argv.slice(1);
process.on('SIGTERM', () => {
  appendFileSync(told, 'SIGTERM ');
  setTimeout(() => process.exit(Number(code)), 300);
});
appendFileSync(told, 'start ');
setInterval(() => {}, 1000);
`;

const newFolder = useTemporaryFolder();
let folder: string;
let slurm: FakeSlurm;
let children: ChildProcess[];

function onUnix(subject: string, tests: () => void): void {
  if (process.platform !== 'win32') describe(subject, tests);
}

beforeEach(() => {
  folder = newFolder();
  slurm = new FakeSlurm(newFolder());
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
});

describe('againPath()', () => {
  it('is no task file itself', () => {
    expect(againPath('3.json')).not.toMatch(/\.json$/);
  });
});

onUnix('array-task', () => {
  it('ends as the trial does', async () => {
    const { ended } = start({ argv: ['-e', 'process.exit(4)'] });

    expect(await ended).toBe(4);
    expect(readTrialEnd(task())).toEqual({ exitCode: 4, signal: null });
  });

  it('stops the trial at SIGUSR1 and puts its own task back into the queue', async () => {
    const { child, ended } = start();
    await said('start');
    child.kill('SIGUSR1');

    expect(await ended).toBe(0);
    expect(saying()).toBe('start SIGTERM ');
    expect(slurm.calls('scontrol')).toEqual([['requeue', '77_3']]);
  });

  it('leaves it to the launcher where scontrol cannot', async () => {
    slurm.remove('scontrol');
    const { child, ended } = start({}, { PATH: join(folder, 'none') });
    await said('start');
    child.kill('SIGUSR1');

    expect(await ended).toBe(143);
    expect(existsSync(againPath(taskPath()))).toBe(true);
  });

  it('does not put back a trial that came to its end all the same', async () => {
    const { child, ended } = start({ argv: program(0) });
    await said('start');
    child.kill('SIGUSR1');

    expect(await ended).toBe(0);
    expect(slurm.calls('scontrol')).toEqual([]);
    expect(existsSync(againPath(taskPath()))).toBe(false);
  });

  it('stops the trial at SIGTERM for good', async () => {
    const { child, ended } = start();
    await said('start');
    child.kill('SIGTERM');

    expect(await ended).toBe(143);
    expect(readTrialEnd(task())).toEqual({ exitCode: 143, signal: null });
    expect(slurm.calls('scontrol')).toEqual([]);
  });

  it('stops for good a trial that is cancelled after its warning, and tells it only once', async () => {
    const { child, ended } = start();
    await said('start');
    child.kill('SIGUSR1');
    await said('SIGTERM');
    child.kill('SIGTERM');
    child.kill('SIGUSR1');

    expect(await ended).toBe(143);
    expect(saying()).toBe('start SIGTERM ');
    expect(slurm.calls('scontrol')).toEqual([]);
  });

  it('does nothing for a task that was given up', async () => {
    const { ended } = start({}, {}, () => rmSync(taskPath()));

    expect(await ended).toBe(0);
    expect(existsSync(join(folder, 'told'))).toBe(false);
  });

  it('refuses a task that is damaged', async () => {
    const { ended } = start({}, {}, () => writeFileSync(taskPath(), '{"trial": 1'));

    expect(await ended).toBe(5);
  });

  it('waits for another process of the trial, and goes on where that was interrupted', async () => {
    const lock = acquireFileLock(task().lockPath);
    const { child, ended } = start();
    await heard(child, 'may be run by another process');
    expect(existsSync(join(folder, 'told'))).toBe(false);
    writeFileSync(task().endPath, '{"exit_code": 143, "signal": null}');
    lock?.release();
    await said('start');
    child.kill('SIGTERM');

    expect(await ended).toBe(143);
  });

  it('does not start a trial again that another process brought to its end', async () => {
    const lock = acquireFileLock(task().lockPath);
    const { child, ended } = start();
    await heard(child, 'may be run by another process');
    writeFileSync(task().endPath, '{"exit_code": 0, "signal": null}');
    lock?.release();

    expect(await ended).toBe(0);
    expect(existsSync(join(folder, 'told'))).toBe(false);
  });

  it('goes back into the queue when it is warned while it waits', async () => {
    const lock = acquireFileLock(task().lockPath);
    const { child, ended } = start();
    await heard(child, 'may be run by another process');
    child.kill('SIGUSR1');

    expect(await ended).toBe(0);
    expect(slurm.calls('scontrol')).toEqual([['requeue', '77_3']]);
    lock?.release();
  });
});

// Helpers

function start(
  more: Partial<TrialTask> = {},
  env: NodeJS.ProcessEnv = {},
  before: () => void = () => undefined,
): { child: ChildProcess; ended: Promise<number | null> } {
  mkdirSync(join(folder, 'job'));
  writeFileSync(taskPath(), JSON.stringify({ ...task(), ...more }));
  before();
  const child = spawn(process.execPath, [ARRAY_TASK, taskPath()], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...{ ...process.env, ...slurm.environment },
      ...{ SLURM_ARRAY_JOB_ID: '77', SLURM_ARRAY_TASK_ID: '3', ...env },
    },
  });
  children.push(child);
  return { child, ended: new Promise((resolve) => child.once('exit', resolve)) };
}

function program(exitCode: number): string[] {
  return ['-e', PROGRAM, join(folder, 'told'), String(exitCode)];
}

function task(): TrialTask {
  return {
    ...{ trial: 3, argv: program(143), workingDirectory: folder },
    ...{
      logPath: join(folder, 'log'),
      endPath: join(folder, 'end'),
      lockPath: join(folder, 'lock'),
    },
  };
}

function taskPath(): string {
  return join(folder, 'job', '3.json');
}

function saying(): string {
  const path = join(folder, 'told');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** Waits until the trial has said something. */
async function said(what: string): Promise<void> {
  while (!saying().includes(what)) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function heard(child: ChildProcess, what: string): Promise<void> {
  let text = '';
  await new Promise<void>((resolve) => {
    child.stderr?.on('data', (more: Buffer) => {
      text += more.toString();
      if (text.includes(what)) resolve();
    });
  });
}
