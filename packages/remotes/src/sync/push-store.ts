import { resolve } from 'node:path';
import { ArtifactManager, listRuns, type RunSummary } from '@pixelis/artifacts';
import type { ObjectStore } from '../objects/object-store';
import { pushRun } from './push-run';
import { requireRuns } from './require-runs';
import { settleEach } from './settle-each';
import { SyncError, type SyncReport } from './sync-report';
import { transferAllLogs, transferArtifacts } from './transfer-all';
import { folderEnd, storeEnd, type TransferCount } from './transfer-end';

/** What {@link pushStore} takes where. */
export interface PushStoreOptions {
  /** The output folder. @default 'out' */
  root?: string;
  store: ObjectStore;
  /** Runs to push, with the artifacts that they used or produced. @default all complete runs and all artifacts */
  runIds?: readonly string[];
  /** Whether the difference to the commit leaves with a run, which may hold what was never committed. @default false */
  withDiff?: boolean;
  /** Whether the files of runs that the store has are looked for there, too, as after a loss there. @default false */
  isForced?: boolean;
  /** Told of every artifact and run as it is done. */
  onProgress?: (report: SyncReport) => void;
}

/** What a push or a pull came to. */
export interface TransferReport extends TransferCount {
  /** Artifacts by name, then runs. */
  readonly reports: readonly SyncReport[];
}

/**
 * Copies an output folder to an object store: contents by their address (one that is there is not sent again), the histories
 * of the artifacts, the logs, and complete runs. What refers to something is sent after it, so that the store is whole
 * whenever the push is cut off. One artifact or run that fails does not stop the others. Nothing there is ever replaced by
 * something else: a log grows, a signature that was made later is added, and one that differs is left and warned of. Contents of
 * artifacts that the store has lost are sent again, and files of runs if `isForced`.
 *
 * @throws {UsageError} `RUN_UNKNOWN`
 * @throws {SyncError} If the store could not be reached, or was lost on the way.
 */
export async function pushStore(options: PushStoreOptions): Promise<TransferReport> {
  const { store, runIds } = options;
  const root = resolve(options.root ?? 'out');
  const runs = requireRuns(listRuns(root), runIds);
  await store.connect();
  const count: TransferCount = { contents: 0, bytes: 0, present: 0 };
  const reports: SyncReport[] = [];
  const tell = (report: SyncReport): void => {
    reports.push(report);
    options.onProgress?.(report);
  };
  const ends = { from: folderEnd(root), to: storeEnd(store) };
  const chosen = runIds === undefined ? null : factsOf(root, runIds);
  const { names = null, isLogWanted = null } = chosen ?? {};
  const loss =
    (await transferArtifacts({ remote: store, ends, names, count }, tell)) ??
    (await transferAllLogs({ remote: store, ends, isWanted: isLogWanted }, tell)) ??
    (await pushRuns({ store, runs, count, options }, tell));
  if (loss !== null) throw new SyncError([loss], reports);
  return { ...count, reports };
}

const INCOMPLETE = 'It is not complete: a store takes only what will not change any more';

async function pushRuns(
  request: {
    store: ObjectStore;
    runs: readonly RunSummary[];
    count: TransferCount;
    options: PushStoreOptions;
  },
  tell: (report: SyncReport) => void,
) {
  const { store, runs, count, options } = request;
  return settleEach(runs, {
    work: async (run) => {
      if (run.status !== 'COMPLETED') return { isNew: false, warnings: [INCOMPLETE] };
      const { withDiff = false, isForced = false } = options;
      return pushRun({ run, store }, count, { withDiff, isForced });
    },
    connect: () => store.connect(),
    onSettled: ({ runId }, { value, problem }) =>
      tell({
        remote: store.address,
        runId,
        artifact: null,
        status: problem !== null ? 'failed' : value.isNew ? 'synced' : 'unchanged',
        problem,
        warnings: value?.warnings ?? [],
      }),
  });
}

/** The artifacts that runs used or produced, and which logs speak of them. */
function factsOf(
  root: string,
  runIds: readonly string[],
): { names: Set<string>; isLogWanted: (text: string) => boolean } {
  const wanted = new Set(runIds);
  const facts = ArtifactManager.open({ root })
    .runFacts()
    .filter(({ run }) => wanted.has(run.runId));
  const artifacts = facts.flatMap(({ used, produced }) => [...used, ...produced]);
  return {
    names: new Set(artifacts.map(({ artifact }) => artifact.name.toLowerCase())),
    isLogWanted: (text) => facts.some(({ run }) => text.includes(run.runUuid)),
  };
}
