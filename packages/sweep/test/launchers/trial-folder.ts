import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isTrialAlive, type TrialTask } from '../../src';

const POLL_MS = 20;

/** A folder for trials of `trial-program.cjs`, that knows which of them live. */
export class TrialFolder {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'sweep-trials-')));
  readonly #tasks = new Map<number, TrialTask>();

  task(trial: number, ...words: string[]): TrialTask {
    const name = String(trial).padStart(4, '0');
    const task = {
      trial,
      argv: [join(__dirname, 'trial-program.cjs'), this.path, ...words],
      workingDirectory: this.path,
      logPath: join(this.path, 'logs', `${name}.log`),
      endPath: join(this.path, 'launcher', `${name}.end.json`),
      lockPath: join(this.path, 'launcher', `${name}.lock`),
    };
    this.#tasks.set(trial, task);
    return task;
  }

  /** Numbers of the programs' processes, in the order of their starts. */
  starts(): number[] {
    return this.read('starts').split('\n').filter(Boolean).map(Number);
  }

  async untilStarted(count: number): Promise<void> {
    await until(() => this.starts().length >= count);
  }

  /** Lets the programs that wait for it end. */
  go(): void {
    writeFileSync(join(this.path, 'go'), '');
  }

  log(trial: number): string {
    return this.read(join('logs', `${String(trial).padStart(4, '0')}.log`));
  }

  read(name: string): string {
    const path = join(this.path, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** Ends what still lives, removes the folder, and gives the numbers of the processes that were left. */
  async remove(): Promise<number[]> {
    const isQuiet = (): boolean => ![...this.#tasks.values()].some((task) => isTrialAlive(task));
    await until(isQuiet).catch(() => undefined);
    const left = this.starts().filter((pid) => isAlive(pid));
    for (const pid of left) process.kill(pid, 'SIGKILL');
    rmSync(this.path, { recursive: true, maxRetries: 10 });
    return left;
  }
}

/** @throws {Error} If it does not hold in time. */
export async function until(holds: () => boolean, timeoutMs = 30_000): Promise<void> {
  for (let waitedMs = 0; !holds(); waitedMs += POLL_MS) {
    if (waitedMs >= timeoutMs) throw new Error(`waited in vain until ${String(holds)}`);
    await wait(POLL_MS);
  }
}

/** One that has ended counts as dead even while nobody has asked how. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** What {@link startDriver} launches, and how. */
export interface DriverOptions {
  readonly kind: 'local' | 'ray';
  readonly options: object;
  readonly tasks: readonly TrialTask[];
}

/** A process with a launcher, that leads a process group of its own. */
export function startDriver({ kind, options, tasks }: DriverOptions): ChildProcess {
  const words = [kind, JSON.stringify(options), JSON.stringify(tasks)];
  return spawn(process.execPath, [join(__dirname, 'driver.cjs'), ...words], {
    stdio: 'ignore',
    detached: true,
  });
}
