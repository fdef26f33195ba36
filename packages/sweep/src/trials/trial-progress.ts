import { showRun } from '@pixelis/artifacts';

/** How far a trial has come. */
export interface TrialProgress {
  /** The last step that its run recorded; 0 before the first. */
  readonly step: number;
  /** The last value of the metric; undefined if there is none yet. */
  readonly value: number | undefined;
}

/** Reads from the store how far a trial has come. A run that is not there yet, or cannot be read at this moment, has come nowhere. */
export function readTrialProgress(
  { out, runId }: { readonly out: string; readonly runId: string },
  metric: string,
): TrialProgress {
  try {
    const { lastMetrics } = showRun(out, runId);
    const step = Math.max(0, ...Object.values(lastMetrics).map((last) => last.step));
    return { step, value: lastMetrics[metric]?.value };
  } catch {
    // Whatever it is, it is no reason to stop a sweep: what came of the trial is read when it ends.
    return { step: 0, value: undefined };
  }
}
