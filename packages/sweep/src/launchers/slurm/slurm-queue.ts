import { EnvironmentError, UsageError } from '@pixelis/core';
import { askSlurm, isFull, explainRefusal, tellSlurm } from './slurm-command';
import { arrayRange } from './array-chunks';

/** A task of a job array as Slurm's queue shows it. */
export interface QueuedTask {
  /** Name of the job. */
  readonly name: string;
  /** What `scancel` and `scontrol` know it by, such as `123_4`. */
  readonly id: string;
  readonly index: number;
  /** Such as `PENDING` or `RUNNING`. */
  readonly state: string;
  /** Why it waits; `None` if it does not. */
  readonly reason: string;
}

/** What {@link submitArray} submits. */
export interface ArraySubmission {
  readonly name: string;
  readonly script: string;
  readonly indexes: readonly number[];
  /** Where Slurm's own words about a task go, as a file name pattern of sbatch. */
  readonly output: string;
  readonly notifySeconds: number;
  /** How many tasks run at once at most; as many as Slurm has room for if undefined. */
  readonly jobs?: number | undefined;
  /** The user's own options of sbatch. */
  readonly userArguments: readonly string[];
}

/** States of tasks that run no more and will not run again. Any other, even one unknown here, may yet come to its end. */
const FINISHED = new Set([
  ...['BOOT_FAIL', 'CANCELLED', 'COMPLETED', 'DEADLINE', 'FAILED', 'NODE_FAIL'],
  ...['OUT_OF_MEMORY', 'PREEMPTED', 'REVOKED', 'TIMEOUT'],
]);
const DEFAULT_MAX_ARRAY_SIZE = 1001;

/**
 * Submits a job array.
 *
 * @returns The job's id; undefined if Slurm takes no more jobs of this user for now.
 * @throws {RemoteError} If the controller does not answer; the array may have been submitted all the same.
 * @throws {UsageError} If sbatch refuses.
 * @throws {EnvironmentError} Where there is no sbatch.
 */
export async function submitArray(submission: ArraySubmission): Promise<string | undefined> {
  const { name, script, indexes, output, notifySeconds, jobs, userArguments } = submission;
  const throttle = jobs === undefined ? '' : `%${jobs}`;
  // On the command line, where no SBATCH_ variable of the environment overrides them.
  const answer = await askSlurm('sbatch', [
    ...['--parsable', `--job-name=${name}`, `--array=${arrayRange(indexes)}${throttle}`],
    ...['--requeue', `--signal=B:USR1@${notifySeconds}`],
    ...[`--output=${output}`, '--open-mode=append'],
    ...[...userArguments, script],
  ]);
  if (answer.exitCode !== 0) {
    if (isFull(answer)) return undefined;
    throw explainRefusal('sbatch', answer);
  }
  // On a federation the name of the cluster follows.
  const id = /^(\d+)(;.*)?$/.exec(answer.stdout.trim())?.[1];
  if (id !== undefined) return id;
  throw new UsageError('sbatch ended well but submitted nothing', {
    code: 'SLURM_REFUSED',
    remedy: 'leave out --slurm-option that only asks, such as help or version',
  });
}

/**
 * The tasks of jobs, by the jobs' names, that are in the queue and not at their end.
 *
 * @throws {RemoteError} If the controller does not answer.
 */
export async function queuedTasks(names: readonly string[]): Promise<QueuedTask[]> {
  const user = process.getuid?.();
  const text = await tellSlurm('squeue', [
    ...['--noheader', '--array', '--states=all', `--name=${names.join()}`],
    ...(user === undefined ? [] : [`--user=${user}`]),
    '--format=%F|%K|%T|%j|%r',
  ]);
  return text.split('\n').flatMap((line) => parseTask(line) ?? []);
}

function parseTask(line: string): QueuedTask | undefined {
  const [job, number, state, name, ...reason] = line.trim().split('|');
  const index = Number(number);
  if (job === undefined || name === undefined || state === undefined) return undefined;
  if (FINISHED.has(state) || !Number.isSafeInteger(index)) return undefined;
  return { name, id: `${job}_${index}`, index, state, reason: reason.join('|') };
}

/**
 * Asks whether jobs can be submitted from here.
 *
 * @throws {RemoteError} If the controller does not answer.
 * @throws {EnvironmentError} Where there is no sbatch.
 */
export async function pingSlurm(): Promise<void> {
  await tellSlurm('sbatch', ['--version']);
  await siteConfiguration();
}

/**
 * Slurm's `MaxArraySize`: the indexes of a job array are below it.
 *
 * @throws {RemoteError} If the controller does not answer.
 */
export async function maxArraySize(): Promise<number> {
  const size = /^MaxArraySize\s*=\s*(\d+)/m.exec(await siteConfiguration())?.[1];
  return Math.max(1, Number(size ?? DEFAULT_MAX_ARRAY_SIZE));
}

async function siteConfiguration(): Promise<string> {
  try {
    return await tellSlurm('scontrol', ['show', 'config']);
  } catch (error) {
    // What is there for administrators is not everywhere.
    if (error instanceof EnvironmentError) return '';
    throw error;
  }
}

/** Takes tasks out of the queue that have not begun. What has ended or begun in the meantime is left alone. */
export async function cancelPending(names: readonly string[]): Promise<void> {
  for (const name of names) await askSlurm('scancel', ['--state=PENDING', `--name=${name}`]);
}

/** Asks tasks that run to stop, as SIGTERM does. False if one of them may not have been asked. */
export async function terminate(ids: readonly string[]): Promise<boolean> {
  const words = ['--batch', '--signal=TERM', '--state=RUNNING', ...ids];
  return (await askSlurm('scancel', words)).exitCode === 0;
}

/** Ends tasks, by force after the time that the site gives them. */
export async function cancel(ids: readonly string[]): Promise<void> {
  await askSlurm('scancel', [...ids]);
}
