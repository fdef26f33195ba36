import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  acquireFileLock,
  explainSystemError,
  type FileLock,
  isSystemError,
  makeFolderSync,
  sha256,
  writeFileAtomic,
} from '@pixelis/core';
import { z } from 'zod';

const stateSchema = z.object({
  sync_version: z.literal(1),
  run_uuid: z.string(),
  /** See `fingerprintOf`; null until all of it is on the remote. */
  fingerprint: z.string().nullable(),
  /** Files that are on the remote: path → SHA-256. */
  files: z.record(z.string(), z.string()),
});

type StateDocument = z.infer<typeof stateSchema>;

/** The folder's name for a remote: readable, and different for any two addresses. */
export function remoteId(address: string): string {
  const readable = address.replace(/[^A-Za-z0-9.-]+/g, '-').replace(/^[-.]+|-+$/g, '');
  return `${readable.slice(0, 60)}-${sha256(address).slice(0, 8)}`;
}

/**
 * What is known here of a run on a remote: `<root>/sync/<remote id>/<run id>.json`. It only saves work: when it is lost or
 * behind, the remote itself is asked, and nothing is stored twice.
 */
export class SyncState {
  readonly #path: string;
  #document: StateDocument;
  #lock: FileLock | null;

  private constructor(path: string, document: StateDocument, lock: FileLock) {
    this.#path = path;
    this.#document = document;
    this.#lock = lock;
  }

  /** What stood on the remote at the end of the last whole sync; null if there was none. Changes nothing. */
  static fingerprint(root: string, remote: { address: string }, runId: string): string | null {
    return readDocument(statePath(root, remote, runId)).fingerprint;
  }

  /**
   * Opens the state of a run for this process alone; null if another process syncs it to the same remote now.
   *
   * @throws {DataError} If the folder cannot be written.
   */
  static open(root: string, remote: { address: string }, runId: string): SyncState | null {
    const path = statePath(root, remote, runId);
    try {
      makeFolderSync(dirname(path));
    } catch (error) {
      throw explainSystemError(error, { path }) ?? error;
    }
    const lock = acquireFileLock(`${path}.lock`);
    return lock === undefined ? null : new SyncState(path, readDocument(path), lock);
  }

  /** Forgets what is on the remote if it is that of another run, one that had the same id before, or if it must be asked. */
  begin(runUuid: string, { isForced }: { isForced: boolean }): void {
    if (!isForced && this.#document.run_uuid === runUuid) return;
    this.#document = { sync_version: 1, run_uuid: runUuid, fingerprint: null, files: {} };
  }

  hasFile(path: string, sha256: string): boolean {
    return this.#document.files[path] === sha256;
  }

  async addFile(path: string, sha256: string): Promise<void> {
    const files = { ...this.#document.files, [path]: sha256 };
    await this.#write({ ...this.#document, fingerprint: null, files });
  }

  async finish(fingerprint: string): Promise<void> {
    await this.#write({ ...this.#document, fingerprint });
  }

  close(): void {
    this.#lock?.release();
    this.#lock = null;
  }

  async #write(document: StateDocument): Promise<void> {
    await writeFileAtomic(this.#path, `${JSON.stringify(document)}\n`);
    this.#document = document;
  }
}

function statePath(root: string, remote: { address: string }, runId: string): string {
  return join(root, 'sync', remoteId(remote.address), `${runId}.json`);
}

function readDocument(path: string): StateDocument {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const isAbsent = isSystemError(error) && error.code === 'ENOENT';
    if (!isAbsent && isSystemError(error)) throw explainSystemError(error, { path }) ?? error;
    return { sync_version: 1, run_uuid: '', fingerprint: null, files: {} };
  }
}
