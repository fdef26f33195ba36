import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { inspectFileLock } from '@pixelis/core';
import type { ToySearch } from './toy-sweep';

/** A driver of a toy sweep, as a process of its own. */
export class ToyDriverProcess {
  readonly #child: ChildProcess;
  readonly #out: string;
  readonly ending: Promise<{ code: number | null; stderr: string }>;

  constructor(out: string, { steps = 4, ...sweep }: ToySearch, jobs: number) {
    this.#out = out;
    const argv = [
      join(__dirname, 'toy-driver.cjs'),
      out,
      String(jobs),
      JSON.stringify({ steps, ...sweep }),
    ];
    this.#child = spawn(process.execPath, argv, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, TOY_STEP_MS: '5' },
    });
    let stderr = '';
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    this.ending = new Promise((resolve) => {
      this.#child.once('close', (code) => resolve({ code, stderr }));
    });
  }

  /** Waits until the trials noted so many starts and ends in all, or the driver has ended. */
  async untilNotes(count: number): Promise<void> {
    while (this.#isRunning() && notesIn(this.#out) < count) await wait(3);
  }

  /** `kill -9` of the driver alone: what it started lives on. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  interrupt(): void {
    this.#child.kill('SIGTERM');
  }

  #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }
}

/** `kill -9` of every process of a trial. @returns how many there were */
export function killTrials(out: string): number {
  const pids = trialPids(out);
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended in the meantime.
    }
  }
  return pids.length;
}

/** Waits until no process of a trial is left. */
export async function untilTrialsEnd(out: string): Promise<void> {
  while (trialPids(out).length > 0) await wait(10);
}

function trialPids(out: string): number[] {
  const locks = join(out, 'sweeps', 'toy', 'launcher', 'locks');
  if (!existsSync(locks)) return [];
  return readdirSync(locks)
    .map((name) => inspectFileLock(join(locks, name)))
    .flatMap(({ isProvedAlive, holder }) => (isProvedAlive && holder ? [holder.pid] : []));
}

/** How many starts and ends the trials have noted. */
export function notesIn(out: string): number {
  const path = join(out, 'starts.log');
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
}
