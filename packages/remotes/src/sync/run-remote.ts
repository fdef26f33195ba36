import type { RunSnapshot } from './run-snapshot';
import type { SyncState } from './sync-state';

/** What syncing one run came to. */
export interface RunSyncOutcome {
  /** What is not on the remote, or not as it is here, although nothing failed; for the user to read. */
  readonly warnings: readonly string[];
}

/** A tracker of experiments that runs are synced to. */
export interface RunRemote {
  /** As a message may show it, without credentials; names the remote's state in `out/sync/`. */
  readonly address: string;
  /**
   * Whether the remote answers, before any run is read.
   *
   * @throws {RemoteError} If it does not.
   */
  connect(): Promise<void>;
  /** Brings a run to the remote, whatever part of it is there. Doing it again changes nothing. */
  sync(run: RunSnapshot, state: SyncState): Promise<RunSyncOutcome>;
}
