import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { requireText } from './check-argument';
import { ifPresent } from './disk';
import { EventLog } from './event-log';
import { finishCompletedRuns } from './finish-completed-runs';
import { MANIFEST_FILE } from './manifest';
import { CRASH, failureData } from './run-error';
import { underLock } from './run-lock';
import { readRunNames, runsDirectory } from './run-names';
import { readRunState, STATE_FILE, writeRunState } from './run-state';

/** What {@link settleDead} did. */
export interface Settlement {
  /** The ids of the runs that were marked. */
  marked: string[];
  /** What it met in runs that it could not settle. */
  errors: unknown[];
}

/**
 * Marks every run whose process is proved dead as failed, in its state and its audit trail, removes what a process left
 * that died while it began a run, and ends what one began that died while it completed a run. `openRun` does the same,
 * so this is for a command that tidies; a reader never needs it, since `listRuns` already counts such runs as failed.
 * Marked runs can still be resumed.
 *
 * @returns The ids of the runs that were marked.
 * @throws {DataError} If a run's folder is unwritable or the disk full; the others are settled all the same.
 * @throws {IntegrityError} If a run's audit trail was tampered with; the others are settled all the same.
 */
export function settleDeadRuns(root: string): string[] {
  requireText(root, { action: 'settle dead runs', name: 'root' });
  const runs = runsDirectory(root);
  const names = readRunNames(runs);
  const unfinished = names.runIds.filter((runId) => existsSync(join(runs, runId, STATE_FILE)));
  finishCompletedRuns(root);
  const { marked, errors } = settleDead(runs, { unfinished, unmade: names.unmade });
  if (errors.length > 0) throw errors[0];
  return marked;
}

/** Runs that are not complete, and runs that a process was making. */
export interface OpenEnds {
  unfinished: readonly string[];
  unmade: readonly string[];
}

/**
 * Settles the dead among some runs. Of those that say that they run it takes the lock, which it gets if their process is
 * proved dead alone; a run that it cannot settle stands in the way of no other.
 */
export function settleDead(runs: string, { unfinished, unmade }: OpenEnds): Settlement {
  const settlement: Settlement = { marked: [], errors: [] };
  const attempt = (action: () => void) => {
    try {
      action();
    } catch (error) {
      settlement.errors.push(error);
    }
  };
  for (const runId of unmade) attempt(() => removeUnmade(runs, runId));
  for (const runId of unfinished) {
    attempt(() => {
      const directory = join(runs, runId);
      if (!saysRunning(directory)) return;
      const isMarked = underLock({ runs, runId }, () => markFailed(directory));
      if (isMarked === true) settlement.marked.push(runId);
    });
  }
  return settlement;
}

function removeUnmade(runs: string, runId: string): void {
  underLock({ runs, runId }, () =>
    rmSync(join(runs, `.${runId}.tmp`), { recursive: true, force: true }),
  );
}

/** Looks for the word alone: most runs that are not complete have failed, and need no more than that. */
function saysRunning(directory: string): boolean {
  const state = ifPresent(() => readFileSync(join(directory, STATE_FILE), 'utf8'));
  return state?.includes('"RUNNING"') === true && !existsSync(join(directory, MANIFEST_FILE));
}

/** Whether there was something to mark: another process may have been faster. */
function markFailed(directory: string): boolean {
  const state = readRunState(directory);
  if (state?.status !== 'RUNNING' || existsSync(join(directory, MANIFEST_FILE))) return false;
  const events = new EventLog(join(directory, 'events.jsonl'));
  try {
    events.append('failed', failureData(CRASH));
    events.sync();
  } finally {
    events.close();
  }
  writeRunState(directory, { ...state, status: 'FAILED', error: CRASH });
  return true;
}
