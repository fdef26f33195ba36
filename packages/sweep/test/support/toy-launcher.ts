import { rmSync, writeFileSync } from 'node:fs';
import { Interruption } from '@pixelis/core';
import type { Launcher, LaunchOptions, TrialTask } from '../../src/launchers/launcher';
import { train } from './toy-train.cjs';

/** How {@link createToyLauncher} runs trials. */
export interface ToyLauncherOptions {
  /** @default 1 */
  readonly jobs?: number;
  /** Says of each step whether something happens before it. @default nothing does */
  readonly fate?: () => 'vanish' | 'driver-dies' | undefined;
  /** Chooses which of so many running trials makes the next step, from 0. @default the first */
  readonly choose?: (count: number) => number;
}

/** What ends a driver in these tests as a kill would. */
export class DriverDeath extends Error {}

class Vanished extends Error {}

/**
 * Runs trials within this process, one step at a time in whatever order is chosen, so that every interleaving of their steps and
 * ends can be tried in a moment.
 */
export function createToyLauncher(options: ToyLauncherOptions = {}): Launcher {
  return { name: 'local', run: (tasks, launch) => runToys(tasks, launch, options) };
}

async function runToys(
  tasks: readonly TrialTask[],
  { signal, onStart, onEnd }: LaunchOptions,
  { jobs = 1, fate = () => undefined, choose = () => 0 }: ToyLauncherOptions,
): Promise<void> {
  const waiting: (() => void)[] = [];
  const running = new Set<Promise<void>>();
  const queue = [...tasks];
  let death: DriverDeath | undefined;

  async function run(task: TrialTask): Promise<void> {
    onStart(task.trial);
    rmSync(task.endPath, { force: true });
    try {
      await train(task.argv, async () => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        const happens = death === undefined ? fate() : undefined;
        if (happens === 'driver-dies') death = new DriverDeath();
        if (happens === 'vanish' || death !== undefined) throw new Vanished();
        if (signal.aborted) throw new Interruption('SIGTERM', { kept: '', remedy: '' });
      });
      end(task, 0);
    } catch (error) {
      if (!(error instanceof Vanished)) end(task, error instanceof Interruption ? 143 : 4);
      else if (death === undefined) onEnd(task.trial, null);
    }
  }

  /** As a real process does, it says how it ended even if nobody is there to hear it. */
  function end(task: TrialTask, exitCode: number): void {
    writeFileSync(task.endPath, JSON.stringify({ exit_code: exitCode, signal: null }));
    if (death === undefined) onEnd(task.trial, { exitCode, signal: null });
  }

  while (queue.length > 0 || running.size > 0) {
    while (running.size < jobs && death === undefined && !signal.aborted) {
      const task = queue.shift();
      if (task === undefined) break;
      const ended: Promise<void> = run(task).finally(() => running.delete(ended));
      running.add(ended);
    }
    if (running.size === 0) break;
    await new Promise((resolve) => setImmediate(resolve));
    if (waiting.length > 0) waiting.splice(choose(waiting.length), 1)[0]?.();
  }
  if (death !== undefined) throw death;
}
