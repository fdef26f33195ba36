import type { RemoteError } from '@pixelis/core';
import type { ObjectStore } from '../objects/object-store';
import { settleEach } from './settle-each';
import type { SyncReport } from './sync-report';
import { listEntries, transferArtifact } from './transfer-catalog';
import type { TransferCount, TransferEnd } from './transfer-end';
import { transferLogs } from './transfer-logs';

/** From where to where, in either direction; `remote` is the one of the two that may be out of reach. */
export interface TransferRoute {
  remote: ObjectStore;
  ends: { from: TransferEnd; to: TransferEnd };
}

/**
 * Brings artifacts from one end to the other, each by itself.
 *
 * @param request `names`: folders of the artifacts to bring; all if null.
 * @returns The error of a remote that is gone; null otherwise.
 */
export async function transferArtifacts(
  request: TransferRoute & { names: ReadonlySet<string> | null; count: TransferCount },
  tell: (report: SyncReport) => void,
): Promise<RemoteError | null> {
  const { remote, ends, names, count } = request;
  const keys = await listEntries(ends.from);
  const present = await listEntries(ends.to);
  const chosen = [...keys.keys()].filter((name) => names === null || names.has(name)).sort();
  return settleEach(chosen, {
    work: (name) => {
      const ofName = { keys: keys.get(name) ?? [], present: present.get(name) ?? [] };
      return transferArtifact({ ...ends, name }, ofName, count);
    },
    connect: () => remote.connect(),
    onSettled: (artifact, { value, problem }) =>
      tell({
        remote: remote.address,
        runId: null,
        artifact,
        status: problem !== null ? 'failed' : value ? 'synced' : 'unchanged',
        problem,
        warnings: [],
      }),
  });
}

/**
 * Brings the logs from one end to the other; reported only if that failed.
 *
 * @returns The error of a remote that is gone; null otherwise.
 */
export async function transferAllLogs(
  request: TransferRoute & { isWanted: ((text: string) => boolean) | null },
  tell: (report: SyncReport) => void,
): Promise<RemoteError | null> {
  const { remote, ends, isWanted } = request;
  return settleEach(['log'], {
    work: () => transferLogs(ends, isWanted === null ? {} : { isWanted }),
    connect: () => remote.connect(),
    onSettled: (artifact, { problem }) => {
      if (problem === null) return;
      const { address } = remote;
      tell({ remote: address, runId: null, artifact, status: 'failed', problem, warnings: [] });
    },
  });
}
