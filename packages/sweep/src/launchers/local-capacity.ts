import { availableParallelism, freemem, totalmem } from 'node:os';
import { readResourceLimits } from '@pixelis/reproducibility';

/** What trials need, and what there is. */
export interface LocalCapacityOptions {
  /** How many trials are wanted at once. Default: as many as there is room for. */
  readonly jobs?: number;
  /** Threads that one trial keeps busy. Default: 1. */
  readonly threadsPerTrial?: number;
  /** Memory that one trial takes, in bytes. Default: 500,000,000. */
  readonly memoryPerTrialBytes?: number;
  /** Processors that this process may use. Default: what the system and its control groups allow, rounded down. */
  readonly cores?: number;
  /** Memory that is free for trials, in bytes. Default: what is free on the machine, within the limit of the container. */
  readonly memoryBytes?: number;
}

/** How many trials run at once on this machine. */
export interface LocalCapacity {
  /** At least 1. */
  readonly jobs: number;
  /** Why it is fewer than were asked for, in one line; null if it is not. */
  readonly reason: string | null;
}

const MEMORY_PER_TRIAL_BYTES = 500_000_000;

/**
 * How many trials this machine, or the container around this process, has room for at once: never more than its cores and its
 * memory hold, and always one.
 *
 * @throws {RangeError} If a number is not at least 1.
 */
export function localCapacity(options: LocalCapacityOptions = {}): LocalCapacity {
  const { jobs = Infinity, threadsPerTrial = 1 } = options;
  const { memoryPerTrialBytes = MEMORY_PER_TRIAL_BYTES, cores = availableCores() } = options;
  const { memoryBytes = availableMemoryBytes() } = options;
  for (const [name, value] of Object.entries({ jobs, threadsPerTrial, memoryPerTrialBytes })) {
    if (value >= 1) continue;
    throw new RangeError(
      `Cannot count local trials: ${name} must be >= 1: current value is ${value}`,
    );
  }
  const byCores = Math.max(1, Math.floor(cores / threadsPerTrial));
  const byMemory = Math.max(1, Math.floor(memoryBytes / memoryPerTrialBytes));
  const fitting = Math.min(byCores, byMemory);
  if (jobs <= fitting) return { jobs: Math.floor(jobs), reason: null };
  if (jobs === Infinity) return { jobs: fitting, reason: null };
  const cause =
    byCores <= byMemory
      ? `this process may use ${count(cores, 'core')} and a trial takes ${count(threadsPerTrial, 'thread')}`
      : `${gigabytes(memoryBytes)} of memory are free and a trial takes ${gigabytes(memoryPerTrialBytes)}`;
  return { jobs: fitting, reason: `${fitting} of ${jobs} trials run at once: ${cause}` };
}

/** Whole processors that this process may use, at least 1: of the machine, its affinity and its control groups the fewest. */
export function availableCores(): number {
  const limit = readResourceLimits().cpu ?? Infinity;
  return Math.max(1, Math.floor(Math.min(availableParallelism(), limit)));
}

/** macOS counts as free only what no cache has taken, which is next to nothing. */
function availableMemoryBytes(): number {
  const free = process.platform === 'darwin' ? totalmem() : freemem();
  return Math.min(free, readResourceLimits().memory_bytes ?? Infinity);
}

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
