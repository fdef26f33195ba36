import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { explainSystemError, IntegrityError, isSystemError, sha256 } from '@pixelis/core';
import {
  MANIFEST_FILE,
  parseManifest,
  type RunManifest,
  type RunSummary,
  SIGNATURE_FILE,
  validateManifest,
} from '@pixelis/artifacts';
import { readAll, type ObjectStore } from '../objects/object-store';
import { isWithheld } from './run-snapshot';
import { storeEnd, transferContent, type TransferCount } from './transfer-end';

/** What leaves with a run. */
export interface PushRunOptions {
  /** Whether the difference to the commit is sent too, which may hold what was never committed. @default false */
  withDiff?: boolean;
  /** Whether the files of a run that the store has are looked for there, too, as after a loss there. @default false */
  isForced?: boolean;
}

const OTHER_SIGNATURE = 'The store has another signature of this run, which was left as it is';

/** How pushing a run came out. */
export interface PushedRun {
  /** Whether anything was missing at the store. */
  readonly isNew: boolean;
  readonly warnings: readonly string[];
}

/**
 * Brings a complete run to a store: its files as contents by their address, its signature if it has one, then its manifest. A
 * signature that is made later is added; where the store has another one, that stays, and a warning says so.
 *
 * @throws {IntegrityError} `RUN_BROKEN` if it is not as it was when it completed; `RUN_DIVERGED` if the store has another run of
 * that id.
 */
export async function pushRun(
  { run, store }: { run: RunSummary; store: ObjectStore },
  count: TransferCount,
  { withDiff = false, isForced = false }: PushRunOptions = {},
): Promise<PushedRun> {
  const { runId, directory } = run;
  const text = await readFile(join(directory, MANIFEST_FILE));
  const present = await readObject(store, runKey(runId, MANIFEST_FILE));
  if (present !== null && sha256(present) !== sha256(text)) throw divergedError(runId, store);
  if (present !== null && !isForced) return pushSignature({ run, store });
  const [problem] = await validateManifest(directory);
  if (problem !== undefined) throw brokenError(runId, `${problem.path} ${problem.message}`);
  const { files } = manifestOf(runId, text);
  const to = storeEnd(store);
  const sentBefore = count.contents;
  for (const [path, file] of Object.entries(files)) {
    if (isWithheld(path) && !withDiff) continue;
    const open = () => createReadStream(join(directory, path));
    await transferContent({ to, source: { ...file, open } }, count);
  }
  const isContentSent = count.contents > sentBefore;
  const signature = await pushSignature({ run, store });
  if (present !== null) return { ...signature, isNew: signature.isNew || isContentSent };
  if (!(await store.put(runKey(runId, MANIFEST_FILE), text, { ifAbsent: true }))) {
    const other = await readObject(store, runKey(runId, MANIFEST_FILE));
    if (other === null || sha256(other) !== sha256(text)) throw divergedError(runId, store);
  }
  return { ...signature, isNew: true };
}

/** Adds the signature of a run, which may be made at any time after the manifest. */
async function pushSignature({
  run,
  store,
}: {
  run: RunSummary;
  store: ObjectStore;
}): Promise<PushedRun> {
  const signature = await readIfThere(join(run.directory, SIGNATURE_FILE));
  if (signature === null) return { isNew: false, warnings: [] };
  const key = runKey(run.runId, SIGNATURE_FILE);
  let present = await readObject(store, key);
  if (present === null) {
    const isNew = await store.put(key, signature, { ifAbsent: true });
    if (isNew) return { isNew, warnings: [] };
    present = await readObject(store, key);
  }
  const isSame = present !== null && sha256(present) === sha256(signature);
  return { isNew: false, warnings: isSame ? [] : [OTHER_SIGNATURE] };
}

/** Where a document of a run lies in a store. */
export function runKey(runId: string, name: string): string {
  return `v1/runs/${runId}/${name}`;
}

/** A small object; null if there is none. */
export async function readObject(store: ObjectStore, key: string): Promise<Uint8Array | null> {
  const pieces = await store.get(key);
  return pieces === null ? null : readAll(pieces);
}

/**
 * @throws {IntegrityError} `RUN_BROKEN`
 * @throws {EnvironmentError} `MANIFEST_VERSION_LATER` if a later Pixelis completed the run.
 */
export function manifestOf(runId: string, text: Uint8Array): RunManifest {
  const manifest = parsed(runId, text);
  if (manifest.run_id === runId) return manifest;
  throw brokenError(runId, `its manifest names the run ${manifest.run_id}`);
}

function parsed(runId: string, text: Uint8Array): RunManifest {
  try {
    return parseManifest(Buffer.from(text).toString('utf8'), `the manifest of run ${runId}`);
  } catch (error) {
    if (error instanceof IntegrityError) throw brokenError(runId, 'the manifest is damaged', error);
    throw error;
  }
}

export function brokenError(runId: string, what: string, cause?: unknown): IntegrityError {
  return new IntegrityError(`Run ${runId} is not as it was when it completed: ${what}`, {
    code: 'RUN_BROKEN',
    remedy: 'Audit the run, and take what is damaged from a copy of it that nobody changed.',
    cause,
  });
}

/** There are two runs of one id. */
export function divergedError(runId: string, store: ObjectStore): IntegrityError {
  return new IntegrityError(`${store.address} has another run of the id ${runId}`, {
    code: 'RUN_DIVERGED',
    remedy: 'Use another prefix of the store for these runs; nothing there is ever replaced.',
  });
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return null;
    throw explainSystemError(error) ?? error;
  }
}
