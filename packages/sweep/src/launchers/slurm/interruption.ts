import type { TrialEnd } from '../launcher';

const INTERRUPTED = [130, 143];

/** Whether an end is none at all, or one from which the run can go on since it was asked to stop. */
export function isInterruption(end: TrialEnd | null): boolean {
  if (end === null) return true;
  const { exitCode, signal } = end;
  if (exitCode !== null) return INTERRUPTED.includes(exitCode);
  return signal === 'SIGTERM' || signal === 'SIGINT';
}
