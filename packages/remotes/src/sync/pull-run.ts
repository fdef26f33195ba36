import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  acquireFileLock,
  explainSystemError,
  isSystemError,
  makeFolderSync,
  renamePersistentlySync,
  sha256,
  UsageError,
  writeFileAtomic,
} from '@pixelis/core';
import { MANIFEST_FILE, SIGNATURE_FILE, validateManifest } from '@pixelis/artifacts';
import type { ObjectStore } from '../objects/object-store';
import { brokenError, divergedError, manifestOf, readObject, runKey } from './push-run';
import { isWithheld } from './run-snapshot';
import { writeFileFromStream } from './stream-file';
import { storeEnd, type TransferCount, type TransferEnd } from './transfer-end';

/** How pulling a run came out. */
export interface PulledRun {
  readonly isNew: boolean;
  /** Files that its manifest names and that were held back when it was pushed. */
  readonly withheld: readonly string[];
}

/**
 * Brings a run from a store into an output folder. It is built beside its place, every file checked against the manifest, and
 * appears whole or not at all.
 *
 * @throws {IntegrityError} `RUN_DIVERGED` if the folder has another run of that id; `RUN_BROKEN`, `CONTENT_MISSING` or
 * `CONTENT_DAMAGED` if the store's is not as it was when it completed.
 * @throws {UsageError} `RUN_HELD` if another process has the run open.
 */
export async function pullRun(
  { root, store, runId }: { root: string; store: ObjectStore; runId: string },
  count: TransferCount,
): Promise<PulledRun> {
  const text = await readObject(store, runKey(runId, MANIFEST_FILE));
  if (text === null) throw brokenError(runId, `${store.address} has no manifest of it`);
  const runs = join(root, 'runs');
  const directory = join(runs, runId);
  if (isThere(directory)) {
    const present = textIfThere(join(directory, MANIFEST_FILE));
    if (present === null || sha256(present) !== sha256(text)) throw divergedError(runId, store);
    return { isNew: false, withheld: [] };
  }
  makeFolderSync(runs);
  const lock = acquireFileLock(join(runs, `.${runId}.lock`));
  if (lock === undefined) throw heldError(runId);
  const temporary = join(runs, `.${runId}.tmp`);
  try {
    const target = { directory: temporary, runId, text };
    const withheld = await buildRun(target, storeEnd(store), count);
    const signature = await readObject(store, runKey(runId, SIGNATURE_FILE));
    if (signature !== null) await writeFileAtomic(join(temporary, SIGNATURE_FILE), signature);
    renamePersistentlySync(temporary, directory);
    return { isNew: true, withheld };
  } catch (error) {
    throw explainSystemError(error) ?? error;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
    lock.release();
  }
}

/** Writes all files of a run into a fresh folder, the manifest last. @returns The files that the store does not have. */
async function buildRun(
  { directory, runId, text }: { directory: string; runId: string; text: Uint8Array },
  from: TransferEnd,
  count: TransferCount,
): Promise<string[]> {
  const { files } = manifestOf(runId, text);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  const withheld: string[] = [];
  for (const [path, content] of Object.entries(files)) {
    if (isWithheld(path) && !(await from.hasContent(content))) {
      withheld.push(path);
      continue;
    }
    const target = join(directory, ...path.split('/'));
    makeFolderSync(dirname(target));
    await writeFileFromStream(target, from.readContent(content));
    count.contents += 1;
    count.bytes += content.bytes;
  }
  await writeFileAtomic(join(directory, MANIFEST_FILE), text);
  const problems = await validateManifest(directory);
  const fault = problems.find(({ path }) => !withheld.includes(path));
  if (fault !== undefined) throw brokenError(runId, `${fault.path} ${fault.message}`);
  return withheld;
}

function isThere(path: string): boolean {
  return (
    textIfThere(join(path, MANIFEST_FILE)) !== null || textIfThere(join(path, 'run.json')) !== null
  );
}

function textIfThere(path: string): Uint8Array | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    throw explainSystemError(error) ?? error;
  }
}

function heldError(runId: string): UsageError {
  return new UsageError(`Run ${runId} is held by another process`, {
    code: 'RUN_HELD',
    remedy: 'Wait for that process to end, then pull again.',
  });
}
