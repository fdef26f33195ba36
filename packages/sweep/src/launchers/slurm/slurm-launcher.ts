import { resolve } from 'node:path';
import type { Launcher } from '../launcher';
import { slurmArguments } from './slurm-options';
import { SlurmRun } from './slurm-run';

/** How {@link createSlurmLauncher} submits and waits. */
export interface SlurmLauncherOptions {
  /** Where the launcher keeps what it must remember: `launcher/` of the sweep, on a disk that all nodes share. */
  readonly directory: string;
  /** How many trials run at once at most. Default: as many as Slurm has room for. */
  readonly jobs?: number | undefined;
  /** Long options of `sbatch` without their dashes, such as `time`, `partition` or `gres`. Default: none. */
  readonly options?: Readonly<Record<string, string>> | undefined;
  /** Time before its limit, in seconds, at which a trial is stopped and put back into the queue. Default: 120. */
  readonly notifySeconds?: number | undefined;
  /** Hears what the user should know, a line each: what was submitted, and what waits for no ordinary reason. Default: nobody. */
  readonly onNotice?: ((line: string) => void) | undefined;
  /** Default: {@link SLURM_TIMING}. */
  readonly timing?: Partial<SlurmTiming> | undefined;
}

/** How long a launcher waits for what, in milliseconds. */
export interface SlurmTiming {
  /** Between two looks at the shared disk. */
  readonly tickMs: number;
  /** Between two questions to Slurm after something has changed; longer with each in which nothing has. */
  readonly queueMs: number;
  /** Between two questions to Slurm at most. */
  readonly slowestQueueMs: number;
  /** From a task's leaving the queue until its end must be seen on the shared disk. */
  readonly diskMs: number;
  /** Until a controller that does not answer is taken for lost. */
  readonly controllerMs: number;
  /** From being asked to stop until a trial is ended by force. */
  readonly stopMs: number;
}

/** Kind to a controller that serves many users. */
export const SLURM_TIMING: SlurmTiming = {
  tickMs: 1000,
  queueMs: 2000,
  slowestQueueMs: 30_000,
  diskMs: 15_000,
  controllerMs: 600_000,
  stopMs: 120_000,
};

const NOTIFY_SECONDS = 120;

/**
 * Runs trials as job arrays of Slurm, which starts each where and when it has room. A trial that comes near its time limit is stopped
 * as by SIGTERM and put back into the queue, as is one whose machine was lost; it goes on from its last step. Tasks that an earlier
 * launcher submitted are waited for.
 *
 * @throws {UsageError} For an option of sbatch that is none, or that the launcher sets itself.
 * @throws {RangeError} If `jobs` or `notifySeconds` is no whole number from 1.
 */
export function createSlurmLauncher(options: SlurmLauncherOptions): Launcher {
  const { directory, jobs, notifySeconds = NOTIFY_SECONDS, onNotice = () => undefined } = options;
  checkCount('jobs', jobs ?? 1);
  checkCount('notifySeconds', notifySeconds);
  const userArguments = slurmArguments({ options: options.options ?? {}, notifySeconds });
  const settings = {
    ...{ root: resolve(directory, 'slurm'), jobs, notifySeconds, onNotice, userArguments },
    timing: { ...SLURM_TIMING, ...options.timing },
  };
  return {
    name: 'slurm',
    run: async (tasks, launch) => new SlurmRun(settings, launch).run(tasks),
  };
}

function checkCount(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new RangeError(
    `Cannot create a Slurm launcher: ${name} must be a whole number from 1: current value is ${value}`,
  );
}
