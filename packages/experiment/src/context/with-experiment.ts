import type { ExperimentContext } from './experiment-context';
import type { ExperimentOptions } from './experiment-options';
import { openExperiment } from './open-experiment';

/**
 * Runs something as an experiment: opens it, completes it with what the callback set, and gives the callback's value. If
 * the callback throws, the run is closed as failed, with the error and its stack, and the error is thrown on, unchanged.
 *
 * SIGINT and SIGTERM close the run as failed and end the process with 130 or 143. A callback that reads `run.signal` is
 * left the time to end by itself: the promise then rejects with the {@link Interruption}, whose exit code `runProgram`
 * gives. A second signal ends the process at once.
 *
 * @throws As `openExperiment` does, and what the callback throws.
 */
export async function withExperiment<T>(
  options: ExperimentOptions,
  callback: (run: ExperimentContext) => Promise<T> | T,
): Promise<T> {
  if (typeof (callback as unknown) !== 'function')
    throw new TypeError('Cannot run an experiment: callback must be a function');
  const run = await openExperiment(options);
  try {
    const value = await run.within(() => callback(run));
    if (run.interruption !== undefined && run.status !== 'COMPLETED') throw run.interruption;
    if (run.isOpen) await run.complete();
    return value;
  } catch (error) {
    // Whoever goes on after the signal has closed the run meets errors that say no more than that.
    const isByInterruption = isAbort(error) || !run.isOpen;
    const reason = isByInterruption ? (run.interruption ?? error) : error;
    await run.fail(reason);
    throw reason;
  }
}

/** What many functions throw in place of the reason for which their signal was aborted. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
