import { resolve } from 'node:path';
import { EnvironmentError, type PixelisError, RemoteError } from '@pixelis/core';
import { listRuns, type RunSummary, validateManifest } from '@pixelis/artifacts';
import type { ObjectStore } from '../objects/object-store';
import { brokenError } from './push-run';
import { pushStore } from './push-store';
import { requireRuns } from './require-runs';
import type { RunRemote } from './run-remote';
import { fingerprintOf, readRunSnapshot } from './run-snapshot';
import { describeProblem, settleEach } from './settle-each';
import { SyncError, type SyncReport } from './sync-report';
import { SyncState } from './sync-state';

/** Where runs are synced to. */
export type Remote = RunRemote | ObjectStore;

/** What {@link syncRuns} takes where. */
export interface SyncRunsOptions {
  /** The output folder. @default 'out' */
  root?: string;
  remotes: readonly Remote[];
  /** Runs to sync. @default all */
  runIds?: readonly string[];
  /** Whether the remote is asked even where nothing has changed here since the last time, as after a loss there. @default false */
  isForced?: boolean;
  /** Told of every run, and of every artifact of a store, as it is done. */
  onProgress?: (report: SyncReport) => void;
}

/**
 * Brings runs to remotes: what was recorded offline is caught up with, and what is there already is not sent again, however
 * often a sync was cut off. A run that fails, because it is damaged here or refused there, does not stop the others.
 *
 * @throws {UsageError} `RUN_UNKNOWN`
 * @throws {SyncError} If a remote could not be reached, or was lost on the way; the other remotes have been synced.
 */
export async function syncRuns(options: SyncRunsOptions): Promise<readonly SyncReport[]> {
  const root = resolve(options.root ?? 'out');
  const runs = requireRuns(listRuns(root), options.runIds);
  const reports: SyncReport[] = [];
  const tell = (report: SyncReport): void => {
    reports.push(report);
    options.onProgress?.(report);
  };
  const losses: RemoteError[] = [];
  for (const remote of options.remotes) {
    const loss = await syncWith(remote, { root, runs, options }, tell);
    if (loss !== null) losses.push(loss);
  }
  if (losses.length > 0) throw new SyncError(losses, reports);
  return reports;
}

interface Request {
  root: string;
  runs: readonly RunSummary[];
  options: SyncRunsOptions;
}

async function syncWith(
  remote: Remote,
  request: Request,
  tell: (report: SyncReport) => void,
): Promise<RemoteError | null> {
  const { root, runs, options } = request;
  try {
    if (isObjectStore(remote)) {
      const { runIds, isForced = false } = options;
      const chosen = runIds === undefined ? {} : { runIds };
      await pushStore({ root, store: remote, ...chosen, isForced, onProgress: tell });
      return null;
    }
    await remote.connect();
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    if (!(error instanceof SyncError)) tellAllFailed(remote, runs, { error, tell });
    return error;
  }
  return settleEach(runs, {
    work: (run) => syncRun(remote, run, request),
    connect: () => remote.connect(),
    onSettled: ({ runId }, { value, problem }) =>
      tell({
        remote: remote.address,
        runId,
        artifact: null,
        status: problem !== null ? 'failed' : value.isChanged ? 'synced' : 'unchanged',
        problem,
        warnings: value?.warnings ?? [],
      }),
  });
}

async function syncRun(
  remote: RunRemote,
  run: RunSummary,
  { root, options: { isForced = false } }: Request,
): Promise<{ isChanged: boolean; warnings: readonly string[] }> {
  const fingerprint = fingerprintOf(run);
  const isDone = SyncState.fingerprint(root, remote, run.runId) === fingerprint;
  if (isDone && !isForced) return { isChanged: false, warnings: [] };
  const state = SyncState.open(root, remote, run.runId);
  if (state === null) throw heldError(run.runId, remote);
  try {
    if (run.status === 'COMPLETED') await requireIntact(run);
    const snapshot = readRunSnapshot(run);
    state.begin(snapshot.runUuid, { isForced });
    const { warnings } = await remote.sync(snapshot, state);
    await state.finish(fingerprint);
    return { isChanged: true, warnings };
  } finally {
    state.close();
  }
}

/** What is damaged here must not be spread. */
async function requireIntact({ runId, directory }: RunSummary): Promise<void> {
  const [problem] = await validateManifest(directory);
  if (problem !== undefined) throw brokenError(runId, `${problem.path} ${problem.message}`);
}

function isObjectStore(remote: Remote): remote is ObjectStore {
  return 'put' in remote;
}

function tellAllFailed(
  remote: Remote,
  runs: readonly RunSummary[],
  { error, tell }: { error: PixelisError; tell: (report: SyncReport) => void },
): void {
  const problem = describeProblem(error);
  const common = { remote: remote.address, artifact: null, problem, warnings: [] };
  for (const { runId } of runs) tell({ ...common, runId, status: 'failed' });
}

function heldError(runId: string, remote: RunRemote): EnvironmentError {
  return new EnvironmentError(`Another process syncs run ${runId} to ${remote.address}`, {
    code: 'SYNC_HELD',
    remedy: 'Wait for it to end; then there is nothing left to do.',
  });
}
