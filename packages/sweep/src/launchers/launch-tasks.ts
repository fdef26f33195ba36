import type { LaunchOptions, TrialEnd, TrialTask } from './launcher';

/** What becomes of a task: how its process ended, null if that vanished, undefined if it was left alone after an abort. */
export type TaskOutcome = TrialEnd | null | undefined;

/** Runs single tasks in some place. */
export interface TaskRunner {
  /** How many tasks it starts at once. */
  readonly jobs: number;
  /** Whether a process that an earlier launcher started still runs the task. */
  isRunning(task: TrialTask): boolean;
  /** Waits for such a process. `begun` is called when it is known to run. */
  adopt(task: TrialTask, begun: () => void): Promise<TaskOutcome>;
  /** Starts a process and waits for it. `begun` is called when it is known to run. */
  start(task: TrialTask, begun: () => void): Promise<TaskOutcome>;
}

/**
 * Adopts all tasks that run already, and starts the others in their order as places become free. After an abort nothing more is
 * started. The first error ends it at once; processes run on.
 */
export async function launchTasks(
  tasks: readonly TrialTask[],
  { signal, onStart, onEnd }: LaunchOptions,
  runner: TaskRunner,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const follow = async (task: TrialTask, kind: 'adopt' | 'start'): Promise<void> => {
    const { trial } = task;
    let hasBegun = false;
    const outcome = await runner[kind](task, () => {
      if (!hasBegun) onStart(trial);
      hasBegun = true;
    });
    if (outcome !== undefined) onEnd(trial, outcome);
  };
  const begin = (task: TrialTask, kind: 'adopt' | 'start'): void => {
    const followed = follow(task, kind).then(() => void running.delete(followed));
    // The first failure is the one that is told.
    followed.catch(() => undefined);
    running.add(followed);
  };
  const living = new Set(tasks.filter((task) => runner.isRunning(task)));
  for (const task of living) begin(task, 'adopt');
  for (const task of tasks.filter((one) => !living.has(one))) {
    while (running.size >= runner.jobs) await Promise.race(running);
    if (signal.aborted) break;
    begin(task, 'start');
  }
  await Promise.all(running);
}
