import { workerEntry } from '@pixelis/core';

/**
 * The script that Slurm starts for each task of an array. The program takes its place, so that what Slurm signals to the script
 * reaches the program.
 *
 * @param directory Absolute folder that holds the file of each task, by its index.
 */
export function batchScript(directory: string): string {
  const program = workerEntry(__filename, 'array-task');
  const words = [process.execPath, program, `${directory}/`].map(quote);
  return `#!/bin/sh
# Runs one trial of a sweep. A task whose file is gone was given up, and ends at once.
exec ${words.join(' ')}"$SLURM_ARRAY_TASK_ID.json"
`;
}

/** A word of a shell that stands for exactly this text. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
