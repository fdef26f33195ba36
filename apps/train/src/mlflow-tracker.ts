import { RemoteError, shellWord, UsageError } from '@pixelis/core';
import { parseRemote, type Remote, syncRuns } from '@pixelis/remotes';

/** What the command line says of a tracker. */
export interface TrackerOptions {
  /** As `--log-mlflow` names it. */
  readonly address: string;
  readonly isOffline: boolean;
}

/** An MLflow server that is sent a run when it is complete. */
export class MlflowTracker {
  readonly #address: string;
  readonly #remote: Remote;

  /**
   * Checks the address; nothing is sent yet.
   *
   * @throws {UsageError} If it is no address of a web server, or no network is to be used.
   */
  constructor({ address, isOffline }: TrackerOptions) {
    if (isOffline) {
      throw new UsageError(`--log-mlflow ${address} needs the network, but --offline forbids it`, {
        code: 'OFFLINE',
        remedy: 'leave out one of the two; pixelis sync sends the run later',
      });
    }
    this.#address = `mlflow:${address}`;
    this.#remote = parseRemote(this.#address);
  }

  /**
   * Sends a complete run.
   *
   * @throws {RemoteError} If the server did not take it. The run is complete all the same.
   */
  async send(root: string, runId: string): Promise<void> {
    const reason = await this.#reasonOfFailure(root, runId);
    if (reason === undefined) return;
    const out = root === 'out' ? '' : ` --out ${shellWord(root)}`;
    throw new RemoteError(`run ${runId} is complete, but MLflow did not take it: ${reason}`, {
      code: 'TRACKER_FAILED',
      remedy: `npx --no pixelis sync ${runId} --to ${this.#address}${out}`,
    });
  }

  async #reasonOfFailure(root: string, runId: string): Promise<string | undefined> {
    try {
      const reports = await syncRuns({ root, remotes: [this.#remote], runIds: [runId] });
      return reports.find(({ problem }) => problem !== null)?.problem?.message;
    } catch (error) {
      if (error instanceof RemoteError) return error.message;
      throw error;
    }
  }
}
