import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { explainSystemError, IntegrityError, isSystemError } from '@pixelis/core';
import { jsonText, onDisk, readTextIfThere } from '../../folder/on-disk';
import type { TrialTask } from '../launcher';
import type { ArrayTask } from './array-chunks';
import { batchScript } from './batch-script';
import { againPath, readTask } from './task-file';

const TASK_FILE = /^(\d+)\.json$/;

/**
 * A job array on the shared disk: a folder named like the job, which holds the script and a file for each task. The file of a
 * task is its licence: it stands there before the job is submitted and goes when the launcher has taken note of the task's end, and
 * a task without one ends at once. So nothing is lost or done twice, wherever a launcher is killed.
 */
export class Submission {
  /** Unique name of the job. */
  readonly name: string;
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.name = basename(directory);
  }

  /**
   * Writes all that the job needs.
   *
   * @param root Absolute folder of all submissions of the sweep.
   * @param tasks Of different indexes.
   * @throws {DataError} If it cannot be written.
   */
  static create(root: string, tasks: readonly ArrayTask[]): Submission {
    const submission = new Submission(join(root, uniqueName(root)));
    const { directory } = submission;
    onDisk(directory, () => {
      mkdirSync(directory, { recursive: true });
      writeFileSync(submission.script, batchScript(directory));
      for (const { index, task } of tasks) {
        writeFileSync(submission.#taskPath(index), jsonText(task));
      }
    });
    return submission;
  }

  /** Those that an earlier launcher left. */
  static readAll(root: string): Submission[] {
    return namesIn(root).map((name) => new Submission(join(root, name)));
  }

  get script(): string {
    return join(this.directory, 'run-trial.sh');
  }

  /** File name pattern of sbatch for what Slurm says about a task. */
  get output(): string {
    return join(this.directory.replaceAll('%', '%%'), '%a.log');
  }

  /** Makes a note of the job's id for people: programs know the job by its name. */
  record(jobId: string): void {
    const path = join(this.directory, 'job-id.txt');
    onDisk(path, () => writeFileSync(path, `${jobId}\n`));
  }

  /** Numbers of the trials whose end nobody took note of, by their indexes. */
  openTrials(): Map<number, number> {
    const trials = new Map<number, number>();
    for (const name of namesIn(this.directory)) {
      const index = TASK_FILE.exec(name)?.[1];
      const task = index === undefined ? undefined : readWholeTask(join(this.directory, name));
      if (task !== undefined) trials.set(Number(index), task.trial);
    }
    return trials;
  }

  /** Takes note of the end of a task, which from now on cannot begin again. */
  close(index: number): void {
    const path = this.#taskPath(index);
    onDisk(path, () => rmSync(path, { force: true }));
  }

  /** Whether a task was interrupted before its time limit and could not put itself back into the queue. */
  wantsAgain(index: number): boolean {
    return readTextIfThere(againPath(this.#taskPath(index))) !== undefined;
  }

  /** The last thing that Slurm said about a task. */
  lastWord(index: number): string | undefined {
    const lines = readTextIfThere(join(this.directory, `${index}.log`))
      ?.trimEnd()
      .split('\n');
    const line = lines?.at(-1);
    return line === '' ? undefined : line;
  }

  /** Closes all that is open: a job that was submitted after all finds nothing to do. */
  abandon(): void {
    for (const index of this.openTrials().keys()) this.close(index);
    this.remove();
  }

  /** Removes all but what Slurm said about tasks, as far as it can: on a shared disk another machine may still hold a file. */
  remove(): void {
    try {
      const names = namesIn(this.directory);
      const said = names.filter((name) => this.#isTelling(name));
      for (const name of names.filter((one) => !said.includes(one))) {
        rmSync(join(this.directory, name), { force: true });
      }
      if (said.length === 0) rmSync(this.directory, { recursive: true, force: true });
    } catch (error) {
      if (!isSystemError(error)) throw error;
    }
  }

  #isTelling(name: string): boolean {
    return name.endsWith('.log') && statSync(join(this.directory, name)).size > 0;
  }

  #taskPath(index: number): string {
    return join(this.directory, `${index}.json`);
  }
}

/** Undefined also for a file that is cut off, since its writer was killed or the machine fell: no task begins with one. */
function readWholeTask(path: string): TrialTask | undefined {
  try {
    return readTask(path);
  } catch (error) {
    if (error instanceof IntegrityError) return undefined;
    throw error;
  }
}

/** `pixelis-`, the sweep, and what tells this attempt from any other. */
function uniqueName(root: string): string {
  const sweep = basename(dirname(dirname(root))).replace(/[^A-Za-z0-9_.-]/g, '_');
  return `pixelis-${sweep}-${randomBytes(4).toString('hex')}`;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return [];
    throw explainSystemError(error, { action: 'read', path: folder }) ?? error;
  }
}
