import type { TrialTask } from '../launcher';
import type { ArrayTask } from './array-chunks';
import { queuedTasks } from './slurm-queue';
import { Submission } from './submission';

/** A trial in a job array. */
export interface SubmittedTask extends ArrayTask {
  readonly submission: Submission;
}

/**
 * The tasks, among those given, that an earlier launcher submitted and that have yet to end. Whatever else it left is closed: even
 * a job that it was about to submit when it was killed, and that comes later, finds nothing to do.
 *
 * @param root Folder of all submissions of the sweep.
 * @throws {RemoteError} If there is something to ask Slurm about, and it does not answer.
 */
export async function findSubmitted(
  root: string,
  tasks: readonly TrialTask[],
): Promise<SubmittedTask[]> {
  const left = Submission.readAll(root).map((submission) => ({
    submission,
    trials: submission.openTrials(),
  }));
  const open = left.filter(({ trials }) => trials.size > 0);
  const names = open.map(({ submission }) => submission.name);
  const queued = names.length === 0 ? [] : await queuedTasks(names);
  const isQueued = new Set(queued.map(({ name, index }) => `${name} ${index}`));
  const byTrial = new Map(tasks.map((task) => [task.trial, task]));
  const found: SubmittedTask[] = [];
  for (const { submission, trials } of left) {
    const gone = [...trials].filter(([index]) => !isQueued.has(`${submission.name} ${index}`));
    for (const [index] of gone) submission.close(index);
    if (gone.length === trials.size) submission.remove();
    for (const [index, trial] of trials) {
      const task = byTrial.get(trial);
      if (task === undefined || !isQueued.has(`${submission.name} ${index}`)) continue;
      byTrial.delete(trial);
      found.push({ submission, index, task });
    }
  }
  return found;
}
