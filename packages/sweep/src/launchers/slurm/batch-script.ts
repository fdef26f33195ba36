import { workerEntry } from '@pixelis/core';
import { shellQuote } from '../shell-quote';

/**
 * The script that Slurm starts for each task of an array. The program takes its place, so that what Slurm signals to the script
 * reaches the program.
 *
 * @param directory Absolute folder that holds the file of each task, by its index.
 */
export function batchScript(directory: string): string {
  const program = workerEntry(__filename, 'array-task');
  const words = shellQuote([process.execPath, program, `${directory}/`]);
  return `#!/bin/sh
# Runs one trial of a sweep. A task whose file is gone was given up, and ends at once.
exec ${words}"$SLURM_ARRAY_TASK_ID.json"
`;
}
