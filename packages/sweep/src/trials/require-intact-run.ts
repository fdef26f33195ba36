import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  digestFiles,
  digestHeadline,
  EVENTS_FILE,
  FINAL_WEIGHTS_FILE,
  MANIFEST_FILE,
  parseManifest,
  readEvents,
} from '@pixelis/artifacts';
import { IntegrityError } from '@pixelis/core';
import { z } from 'zod';
import { fileDamage } from '../folder/file-damage';
import { onDisk } from '../folder/on-disk';

/** What the outcome of a trial is taken from, or stands for. */
const FILES = ['metrics.jsonl', FINAL_WEIGHTS_FILE];

const documentSchema = z.record(z.string(), z.json());

/**
 * Sees to it that a complete run is as it was when it completed, as far as the outcome of a trial rests on it: its manifest, which
 * the end of its audit trail seals, its metrics and its final weights. `validateManifest` checks all else too, and takes longer.
 *
 * @param directory The folder of the run.
 * @throws {IntegrityError} `TRIAL_RUN_DAMAGED`, `MANIFEST_BROKEN` or `EVENT_CHAIN_BROKEN`, which name the file.
 * @throws {DataError} If a file cannot be read.
 */
export function requireIntactRun(directory: string): void {
  const path = join(directory, MANIFEST_FILE);
  const text = onDisk(path, () => readFileSync(path, 'utf8'));
  const { files, events, results } = parseManifest(text, path);
  const eventsPath = join(directory, EVENTS_FILE);
  if (!existsSync(eventsPath)) throw damageError(`${eventsPath} is missing`);
  const sealed = readEvents(eventsPath, events).at(-1)?.data ?? {};
  const digest = digestHeadline(documentSchema.parse(JSON.parse(text)));
  // The first runs were recorded without the digest of the fields.
  const isSealed =
    sealed['files_sha256'] === digestFiles(files) &&
    (sealed['manifest_sha256'] ?? digest) === digest;
  if (!isSealed || results.weights_sha256 !== (files[FINAL_WEIGHTS_FILE]?.sha256 ?? null))
    throw damageError(`${path} was changed: it is not what the audit trail sealed`);
  for (const name of FILES) {
    const expected = files[name];
    const damage = expected && fileDamage(join(directory, name), expected);
    if (damage !== undefined) throw damageError(`${join(directory, name)} ${damage}`);
  }
}

function damageError(message: string): IntegrityError {
  return new IntegrityError(message, {
    code: 'TRIAL_RUN_DAMAGED',
    remedy:
      'put that file back from a copy, or remove the folder of the run to train the trial again; then repeat the command',
  });
}
