import { resolve } from 'node:path';
import { nearestName, UsageError } from '@pixelis/core';
import type { ObjectStore } from '../objects/object-store';
import { pullRun } from './pull-run';
import type { TransferReport } from './push-store';
import { settleEach } from './settle-each';
import { SyncError, type SyncReport } from './sync-report';
import { transferAllLogs, transferArtifacts } from './transfer-all';
import { folderEnd, storeEnd, type TransferCount } from './transfer-end';

/** What {@link pullStore} takes where. */
export interface PullStoreOptions {
  store: ObjectStore;
  /** The output folder, which may have runs and artifacts of its own. @default 'out' */
  root?: string;
  /** Runs to pull, with all artifacts. @default all runs of the store */
  runIds?: readonly string[];
  /** Told of every artifact and run as it is done. */
  onProgress?: (report: SyncReport) => void;
}

const RUN_KEY = /^v1\/runs\/([A-Za-z0-9][A-Za-z0-9_.-]{0,99})\/manifest\.json$/;

/**
 * Copies what {@link pushStore} has pushed into an output folder. Every hash is checked on the way: a content that is damaged
 * or a run that is not whole is refused and leaves nothing, and the others come all the same. Contents of artifacts that the
 * folder has lost, or that a verification took out of the way, come again.
 *
 * @throws {UsageError} `RUN_UNKNOWN`
 * @throws {SyncError} If the store could not be reached, or was lost on the way.
 */
export async function pullStore(options: PullStoreOptions): Promise<TransferReport> {
  const { store } = options;
  const root = resolve(options.root ?? 'out');
  await store.connect();
  const runIds = await runsOf(store, options.runIds);
  const count: TransferCount = { contents: 0, bytes: 0, present: 0 };
  const reports: SyncReport[] = [];
  const tell = (report: SyncReport): void => {
    reports.push(report);
    options.onProgress?.(report);
  };
  const ends = { from: storeEnd(store), to: folderEnd(root) };
  const loss =
    (await transferArtifacts({ remote: store, ends, names: null, count }, tell)) ??
    (await transferAllLogs({ remote: store, ends, isWanted: null }, tell)) ??
    (await pullRuns({ root, store, runIds, count }, tell));
  if (loss !== null) throw new SyncError([loss], reports);
  return { ...count, reports };
}

async function pullRuns(
  request: { root: string; store: ObjectStore; runIds: readonly string[]; count: TransferCount },
  tell: (report: SyncReport) => void,
) {
  const { root, store, runIds, count } = request;
  return settleEach(runIds, {
    work: (runId) => pullRun({ root, store, runId }, count),
    connect: () => store.connect(),
    onSettled: (runId, { value, problem }) =>
      tell({
        remote: store.address,
        runId,
        artifact: null,
        status: problem !== null ? 'failed' : value.isNew ? 'synced' : 'unchanged',
        problem,
        warnings: (value?.withheld ?? []).map((path) => `${path} was held back when it was pushed`),
      }),
  });
}

async function runsOf(
  store: ObjectStore,
  wanted: readonly string[] | undefined,
): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { key } of store.list('v1/runs/')) {
    const runId = RUN_KEY.exec(key)?.[1];
    if (runId !== undefined) found.push(runId);
  }
  for (const runId of wanted ?? []) {
    if (found.includes(runId)) continue;
    const nearest = nearestName(runId, found);
    throw new UsageError(`${store.address} has no run ${JSON.stringify(runId)}`, {
      code: 'RUN_UNKNOWN',
      remedy: nearest === undefined ? 'Push it first.' : `Did you mean ${nearest}?`,
    });
  }
  return [...(wanted ?? found)].sort();
}
