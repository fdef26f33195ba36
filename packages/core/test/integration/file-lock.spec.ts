import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireFileLock, inspectFileLock } from '../../src';

let folder: string;
let path: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'core-lock-'));
  path = join(folder, 'holder.lock');
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map(kill));
  rmSync(folder, { recursive: true });
});

async function start(): Promise<ChildProcess> {
  const child = fork(join(__dirname, 'lock-taker.cjs'), [path]);
  children.push(child);
  await once(child, 'message');
  return child;
}

async function ask(child: ChildProcess, message: string): Promise<string> {
  const answered = once(child, 'message') as Promise<[string]>;
  child.send(message);
  return (await answered)[0];
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

describe('acquireFileLock', () => {
  it('gives a free lock, and a dead one, to exactly one of several racing processes', async () => {
    const racers = await Promise.all(Array.from({ length: 6 }, start));
    const holders: ChildProcess[] = [];
    for (let round = 0; round < 30; round += 1) {
      const answers = await Promise.all(racers.map((racer) => ask(racer, 'take')));
      const winners = racers.filter((_, i) => answers[i] === 'taken');
      expect(answers.filter((answer) => answer === 'taken')).toEqual(['taken']);
      const [winner] = winners as [ChildProcess];
      holders.push(winner);
      if (round % 3 === 0) {
        await kill(winner);
        racers[racers.indexOf(winner)] = await start();
      } else {
        expect(await ask(winner, 'release')).toBe('released');
        expect(inspectFileLock(path)).toEqual({ state: 'free', isProvedAlive: false });
      }
    }
    expect(new Set(holders).size).toBeGreaterThan(5);
    expect(readdirSync(folder).filter((name) => name !== 'holder.lock')).toEqual([]);
  });

  it('takes over at once from a killed process, and not before', async () => {
    const holder = await start();
    expect(await ask(holder, 'take')).toBe('taken');
    expect(inspectFileLock(path)).toMatchObject({ state: 'held', holder: { pid: holder.pid } });
    expect(acquireFileLock(path)).toBeUndefined();
    await kill(holder);
    expect(inspectFileLock(path)).toMatchObject({ state: 'dead', holder: { pid: holder.pid } });
    const lock = acquireFileLock(path);
    expect(inspectFileLock(path)).toMatchObject({ state: 'held', holder: { pid: process.pid } });
    lock?.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  if (process.platform !== 'win32') {
    it('never takes over from a stopped process, however old its heartbeat', async () => {
      const holder = await start();
      expect(await ask(holder, 'take')).toBe('taken');
      holder.kill('SIGSTOP');
      const yesterday = Date.now() / 1000 - 86_400;
      utimesSync(path, yesterday, yesterday);
      expect(inspectFileLock(path, { staleAfterMs: 0 }).state).toBe('held');
      expect(acquireFileLock(path, { staleAfterMs: 0 })).toBeUndefined();
      holder.kill('SIGCONT');
      expect(await ask(holder, 'release')).toBe('released');
      expect(inspectFileLock(path).state).toBe('free');
    });
  }
});
