import type { TrialTask } from '../launcher';

/** A trial and its index in the job array that runs it. */
export interface ArrayTask {
  readonly index: number;
  readonly task: TrialTask;
}

/**
 * Tasks in groups that fit into one job array each: the index of a trial is its number, as long as arrays may be so large.
 *
 * @param tasks Of different trials.
 * @param maxArraySize Slurm's `MaxArraySize`: indexes are below it.
 */
export function arrayChunks(tasks: readonly TrialTask[], maxArraySize: number): ArrayTask[][] {
  const chunks = new Map<number, ArrayTask[]>();
  for (const task of tasks) {
    const number = Math.floor(task.trial / maxArraySize);
    const chunk = chunks.get(number) ?? [];
    chunk.push({ index: task.trial % maxArraySize, task });
    chunks.set(number, chunk);
  }
  return [...chunks.values()];
}

/** Indexes as `sbatch --array` takes them, such as `1-4,7`. */
export function arrayRange(indexes: readonly number[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const index of [...indexes].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run?.last === index - 1) run.last = index;
    else runs.push({ first: index, last: index });
  }
  return runs.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join();
}
