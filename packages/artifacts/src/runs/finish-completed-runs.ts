import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomicSync } from '@pixelis/core';
import { ifPresent, onDisk } from './disk';
import { scanEvents } from './event-chain';
import { MANIFEST_FILE } from './manifest';
import { isRunId } from './run-id';
import { underLock } from './run-lock';
import { readRunNames, runsDirectory } from './run-names';
import { STATE_FILE } from './run-state';

/** The file of an output folder that names the run which was completed last. */
export const LATEST_FILE = 'latest';

/** Names a run in `latest`. @throws {DataError} If that cannot be written. */
export function writeLatest(root: string, runId: string): void {
  writeFileAtomicSync(join(root, LATEST_FILE), `${runId}\n`);
}

/**
 * Ends what a process began that died between the manifest of its run and the end of `Run.complete`: names the run in
 * `latest`, unless a later one is named, and removes its state. What a live process is completing is left to it.
 *
 * @throws {DataError} If the output folder is unwritable or the disk full.
 */
export function finishCompletedRuns(root: string): void {
  const runs = runsDirectory(root);
  for (const runId of readRunNames(runs).runIds)
    if (existsSync(join(runs, runId, STATE_FILE))) finishCompletedRun(root, runId);
}

/** {@link finishCompletedRuns} for one run; one that is not complete is left as it is. */
export function finishCompletedRun(root: string, runId: string): void {
  const runs = runsDirectory(root);
  if (existsSync(join(runs, runId, MANIFEST_FILE)))
    underLock({ runs, runId }, () => finish(root, runId));
}

function finish(root: string, runId: string): void {
  const runs = runsDirectory(root);
  const latest = join(root, LATEST_FILE);
  const named = onDisk(latest, () => ifPresent(() => readFileSync(latest, 'utf8')))?.trim() ?? '';
  const namedAt = isRunId(named) ? completedAt(join(runs, named)) : '';
  if (completedAt(join(runs, runId)) > namedAt) writeLatest(root, runId);
  const state = join(runs, runId, STATE_FILE);
  onDisk(state, () => rmSync(state, { force: true }));
}

/** When a run was completed, in RFC 3339, by its last event; empty if it has none. */
function completedAt(directory: string): string {
  const path = join(directory, 'events.jsonl');
  const bytes = onDisk(path, () => ifPresent(() => readFileSync(path)));
  const last = bytes === null ? undefined : scanEvents(bytes).events.at(-1);
  return last?.type === 'completed' ? last.time : '';
}
