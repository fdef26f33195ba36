import { IntegrityError } from '@pixelis/core';
import { z } from 'zod';
import { readTextIfThere } from '../../folder/on-disk';
import type { TrialTask } from '../launcher';

const path = z.string().min(1);
const taskSchema = z.object({
  trial: z.int().min(1),
  argv: z.array(z.string()),
  workingDirectory: path,
  logPath: path,
  endPath: path,
  lockPath: path,
});

/**
 * The task that a file holds; undefined if there is no such file any more.
 *
 * @throws {IntegrityError} If the file is damaged.
 * @throws {DataError} If it cannot be read.
 */
export function readTask(file: string): TrialTask | undefined {
  const text = readTextIfThere(file);
  if (text === undefined) return undefined;
  try {
    return taskSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new IntegrityError(`the task of a trial is damaged: ${file}`, {
      code: 'TRIAL_TASK_DAMAGED',
      remedy: 'remove the file, then run the same command again',
      cause: error,
    });
  }
}

/** The file by which a task tells that it was interrupted and could not put itself back into the queue. */
export function againPath(file: string): string {
  return `${file}.again`;
}
