import { RemoteError } from '@pixelis/core';
import type { SyncProblem } from './settle-each';

/** How one run, or one artifact of a store, came out. */
export interface SyncReport {
  /** The remote's address, without credentials. */
  readonly remote: string;
  /** Null for an artifact. */
  readonly runId: string | null;
  /** The name of an artifact, in lower case; null for a run. */
  readonly artifact: string | null;
  /** `unchanged`: all of it was there already. */
  readonly status: 'synced' | 'unchanged' | 'failed';
  /** Null unless it failed. */
  readonly problem: SyncProblem | null;
  /** What is not as it is on the other side, although nothing failed. */
  readonly warnings: readonly string[];
}

/** A remote could not be reached at all, or was lost on the way. What the others came to is in {@link SyncError.reports}. */
export class SyncError extends RemoteError {
  readonly reports: readonly SyncReport[];

  constructor(losses: readonly RemoteError[], reports: readonly SyncReport[]) {
    const [first] = losses;
    super(losses.map(({ message }) => message).join('; '), {
      code: first?.code ?? 'REMOTE_UNREACHABLE',
      remedy: first?.remedy ?? 'Sync again later.',
      cause: first,
    });
    this.reports = reports;
  }
}
