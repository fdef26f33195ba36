import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from './errors';
import { acquireFileLock, type FileLock, inspectFileLock } from './file-lock';
import { identityOfThisProcess } from './process-identity';

let folder: string;
let path: string;
let locks: FileLock[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'core-lock-'));
  path = join(folder, 'lock');
  locks = [];
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
  locks.forEach((lock) => lock.release());
  rmSync(folder, { recursive: true });
});

function take(options = {}): FileLock {
  const lock = acquireFileLock(path, options);
  if (lock === undefined) throw new Error('the lock is held');
  locks.push(lock);
  return lock;
}

/** A lock file as some other process would have left it. */
function leaveLock(changes: Record<string, unknown>, file = path): void {
  const { hostname, machineId, bootId, pidNamespace, pid, processStart } = identityOfThisProcess();
  const own = {
    hostname,
    machine_id: machineId,
    boot_id: bootId,
    pid_namespace: pidNamespace,
    pid,
    process_start: processStart,
  };
  writeFileSync(file, JSON.stringify({ ...own, token: 'x', ...changes }));
}

function age(seconds: number, file = path): void {
  const then = Date.now() / 1000 - seconds;
  utimesSync(file, then, then);
}

/** Reads a file again and again, from when it says so until its input ends, and says how often it was empty. */
const WATCH = `
  let empty = 0;
  console.log('ready');
  let isOver = false;
  process.stdin.on('end', () => (isOver = true)).resume();
  (function look() {
    for (let reading = 0; reading < 100; reading++)
      try { if (require('fs').readFileSync(process.argv[1]).length === 0) empty++; } catch {}
    if (isOver) console.log(JSON.stringify({ empty })); else setImmediate(look);
  })();
`;

function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code, syscall: 'link', errno: -1 });
}

const otherBoot = { boot_id: 'another', hostname: 'another' };

describe('FileLock', () => {
  it('is held from its acquisition to its release, and can then be taken again', () => {
    expect(inspectFileLock(path)).toEqual({ state: 'free', isProvedAlive: false });
    const lock = take();
    expect(lock.isHeld()).toBe(true);
    expect(inspectFileLock(path)).toEqual({
      state: 'held',
      isProvedAlive: true,
      holder: identityOfThisProcess(),
    });
    expect(acquireFileLock(path)).toBeUndefined();
    lock.release();
    lock.release();
    expect(lock.isHeld()).toBe(false);
    expect(inspectFileLock(path)).toEqual({ state: 'free', isProvedAlive: false });
    expect(take().isHeld()).toBe(true);
  });

  it('does not release what is no longer its own', () => {
    const lock = take();
    leaveLock({ token: 'another' });
    expect(lock.isHeld()).toBe(false);
    lock.release();
    expect(readFileSync(path, 'utf8')).toContain('another');
  });

  it('renews its heartbeat until it is released or lost', () => {
    jest.useFakeTimers({ doNotFake: ['Date'] });
    const lock = take({ heartbeatMs: 1000 });
    age(500);
    jest.advanceTimersByTime(999);
    expect(Date.now() - statSync(path).mtimeMs).toBeGreaterThan(400_000);
    jest.advanceTimersByTime(1);
    expect(Date.now() - statSync(path).mtimeMs).toBeLessThan(10_000);
    leaveLock({ token: 'another' });
    age(500);
    jest.advanceTimersByTime(5000);
    expect(Date.now() - statSync(path).mtimeMs).toBeGreaterThan(400_000);
    lock.release();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is never there without its holder, so that nobody killed leaves a lock that names none', async () => {
    const watcher = spawn(process.execPath, ['-e', WATCH, path], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(watcher.stdout, 'data');
    const counts = once(watcher.stdout, 'data').then(
      ([data]) => JSON.parse(String(data)) as unknown,
    );
    for (let round = 0; round < 3000; round++) take().release();
    watcher.stdin.end();
    expect(await counts).toEqual({ empty: 0 });
    expect(readdirSync(folder)).toEqual([]);
  });

  // EISDIR is what Windows says of FAT.
  it.each(['EPERM', 'ENOSYS', 'EISDIR', 'EACCES'])(
    'is taken by one alone where no link can be made, for %s',
    (code) => {
      const link = jest.spyOn(fs, 'linkSync').mockImplementation(() => {
        throw systemError(code);
      });
      const lock = take();
      expect(link).toHaveBeenCalled();
      expect(acquireFileLock(path)).toBeUndefined();
      expect(inspectFileLock(path)).toMatchObject({ state: 'held', isProvedAlive: true });
      lock.release();
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it.each(['EIO', 'EEXIST'])('is taken if the answer to its link is lost, as %s says', (code) => {
    const { linkSync } = fs;
    jest.spyOn(fs, 'linkSync').mockImplementation((from, to) => {
      linkSync(from, to);
      throw systemError(code);
    });
    expect(take().isHeld()).toBe(true);
  });

  it('explains a folder that is not there', () => {
    expect(() => acquireFileLock(join(folder, 'none', 'lock'))).toThrow(DataError);
  });
});

describe('inspectFileLock', () => {
  it('calls a holder with the number of a living process but another start dead', () => {
    leaveLock({ process_start: '1' });
    const state = process.platform === 'linux' ? 'dead' : 'held';
    expect(inspectFileLock(path).state).toBe(state);
  });

  it('calls a holder without a process dead', () => {
    leaveLock({ pid: 2 ** 22 + 1, process_start: '1' });
    expect(inspectFileLock(path).state).toBe('dead');
  });

  it.each([
    ['another boot', otherBoot],
    ['another process namespace', { pid_namespace: 'pid:[1]' }],
  ])('judges a holder of %s by its heartbeat', (_, changes) => {
    leaveLock({ ...changes, pid: 2 ** 22 + 1 });
    age(590);
    expect(inspectFileLock(path).state).toBe('held');
    age(610);
    expect(inspectFileLock(path).state).toBe('dead');
    expect(inspectFileLock(path, { staleAfterMs: 620_000 })).toMatchObject({
      state: 'held',
      isProvedAlive: false,
    });
  });

  it.each(['', '{', 'null', '7', '{"hostname": 1}', '{"hostname": "a", "pid": 1.5}'])(
    'judges a file that says %j by its age, and names no holder',
    (content) => {
      writeFileSync(path, content);
      expect(inspectFileLock(path)).toEqual({ state: 'held', isProvedAlive: false });
      age(610);
      expect(inspectFileLock(path)).toEqual({ state: 'dead', isProvedAlive: false });
    },
  );

  it('changes nothing', () => {
    leaveLock({ pid: 2 ** 22 + 1 });
    const before = readFileSync(path, 'utf8');
    inspectFileLock(path);
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect(readdirSync(folder)).toEqual(['lock']);
  });
});

describe('acquireFileLock', () => {
  it('takes over a dead lock and tidies up', () => {
    leaveLock({ pid: 2 ** 22 + 1 });
    expect(take().isHeld()).toBe(true);
    expect(readdirSync(folder)).toEqual(['lock']);
  });

  it('leaves a dead lock to whoever is taking it over already', () => {
    leaveLock({ pid: 2 ** 22 + 1 });
    leaveLock({}, `${path}.takeover`);
    expect(acquireFileLock(path)).toBeUndefined();
  });

  it('takes over although the last one to try died in the middle of it', () => {
    leaveLock({ pid: 2 ** 22 + 1 });
    leaveLock({ pid: 2 ** 22 + 2 }, `${path}.takeover`);
    expect(take().isHeld()).toBe(true);
    expect(readdirSync(folder)).toEqual(['lock']);
  });
});
