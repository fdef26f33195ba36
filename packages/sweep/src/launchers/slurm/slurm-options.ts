import { UsageError } from '@pixelis/core';

/** Options of `sbatch` that the launcher sets itself, with what the user has instead. */
const OWN_OPTIONS: Readonly<Record<string, string>> = {
  array: 'use --jobs for how many trials run at once',
  chdir: 'start the sweep in the folder that the trials are to run in',
  clusters: 'start the sweep on a login node of that cluster',
  error: 'read what a trial printed in the logs folder of the sweep',
  'job-name': 'use --tag, which the name of the job holds',
  'no-requeue': 'leave it out: a trial goes on after its time limit or a lost machine',
  'open-mode': 'leave it out',
  output: 'read what a trial printed in the logs folder of the sweep',
  parsable: 'leave it out',
  requeue: 'leave it out: a trial goes on after its time limit or a lost machine as it is',
  signal: 'leave it out: trials are warned in time before their limit',
  'test-only': 'use --write-only to start nothing',
  wait: 'leave it out: the sweep waits for its trials itself',
  wrap: 'leave it out',
};

const KEY = /^[a-z][a-z0-9-]+$/;
const SECONDS_OF_UNITS = [86_400, 3600, 60, 1] as const;

/** What {@link slurmArguments} makes arguments of. */
export interface SlurmArgumentsOptions {
  /** Long options of `sbatch` without their dashes; an empty value stands for an option that takes none. */
  readonly options: Readonly<Record<string, string>>;
  /** Time before its limit, in seconds, at which a trial is warned. */
  readonly notifySeconds: number;
}

/**
 * The user's own options as arguments of `sbatch`.
 *
 * @throws {UsageError} For a key that is none, an option that is the launcher's own, or a time limit that leaves no time to train.
 */
export function slurmArguments({ options, notifySeconds }: SlurmArgumentsOptions): string[] {
  return Object.entries(options).map(([key, value]) => {
    if (!KEY.test(key)) {
      throw new UsageError(`--slurm-option ${key} is no long option of sbatch`, {
        code: 'SLURM_OPTION_INVALID',
        remedy: 'write it as in sbatch --help, without dashes, such as time=30 or partition=gpu',
      });
    }
    // Programs take an unambiguous beginning of an option's name for the option.
    const own = Object.entries(OWN_OPTIONS).find(([name]) => name.startsWith(key));
    if (own !== undefined) {
      throw new UsageError(`--slurm-option ${key} cannot be set: the sweep sets ${own[0]} itself`, {
        code: 'SLURM_OPTION_RESERVED',
        remedy: own[1],
      });
    }
    if (key === 'time') checkTime(value, notifySeconds);
    return value === '' ? `--${key}` : `--${key}=${value}`;
  });
}

function checkTime(value: string, notifySeconds: number): void {
  const seconds = secondsOf(value);
  if (seconds === undefined || seconds === 0 || seconds > notifySeconds) return;
  throw new UsageError(
    `--slurm-option time=${value} leaves no time to train: trials are stopped ${notifySeconds} s before their limit`,
    { code: 'SLURM_TIME_SHORT', remedy: `set a time of more than ${notifySeconds} s` },
  );
}

/** Seconds of `M`, `M:S`, `H:M:S`, `D-H`, `D-H:M` and `D-H:M:S`; undefined for what sbatch itself is to judge. */
function secondsOf(value: string): number | undefined {
  const match = /^(?:(\d+)-)?(\d+(?::\d+){0,2})$/.exec(value);
  if (match?.[2] === undefined) return undefined;
  const numbers = match[2].split(':').map(Number);
  const days = match[1];
  if (days === undefined && numbers.length < 3) numbers.unshift(0);
  const fields = [Number(days ?? 0), ...numbers];
  return fields.reduce((sum, field, index) => sum + field * (SECONDS_OF_UNITS[index] ?? 0), 0);
}
