import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  MANIFEST_FILE,
  manifestExpectation,
  type ManifestProblem,
  manifestProblems,
  migrateManifest,
  validateFiles,
} from '@pixelis/artifacts';
import { DataError, explainSystemError } from '@pixelis/core';
import { checkSweep, readSweepProgress, sweepManifestSchema } from '@pixelis/sweep';
import { z } from 'zod';

const documentSchema = z.record(z.string(), z.json());

/**
 * Checks the manifest of a sweep: the fields, each file's presence, size and hash, that the fields say what these files say, and that
 * the results of a trial are those of its run, if that is there. Changes nothing.
 *
 * @param path A `manifest.json`, or the folder that holds it.
 * @returns All problems at once; null for what is no manifest of a sweep.
 * @throws {DataError} If it is missing or cannot be read; `SWEEP_UNFINISHED` if the sweep has not come to its end.
 * @throws {EnvironmentError} `MANIFEST_VERSION_LATER` if a later Pixelis wrote it.
 */
export async function validateSweepManifest(path: string): Promise<ManifestProblem[] | null> {
  const isFolder = onDisk(path, () => statSync(path, { throwIfNoEntry: false })?.isDirectory());
  const file = isFolder === true ? join(path, MANIFEST_FILE) : path;
  requireFinished(file);
  const document = parseDocument(onDisk(file, () => readFileSync(file, 'utf8')));
  if (document === null || !Object.hasOwn(document, 'sweep_uuid')) return null;
  const result = sweepManifestSchema.safeParse(
    migrateManifest(document, { path: file, migrations: [] }),
    { error: manifestExpectation },
  );
  if (!result.success) return manifestProblems({ issues: result.error.issues, document });
  const directory = dirname(file);
  return [
    ...(await validateFiles(directory, result.data.files)),
    ...checkSweep(directory, result.data),
  ];
}

function requireFinished(file: string): void {
  if (existsSync(file)) return;
  const progress = readSweepProgress(dirname(file));
  if (progress === undefined) return;
  const { tag, decided, trials } = progress;
  throw new DataError(
    `The sweep ${tag} is not finished: it is known what came of ${decided} of ${trials} trials, and only a finished sweep has a manifest`,
    {
      code: 'SWEEP_UNFINISHED',
      remedy: `to go on, repeat the command that began it: npx nx run sweep:default -- --tag ${tag} …`,
    },
  );
}

function parseDocument(text: string): z.infer<typeof documentSchema> | null {
  try {
    return documentSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

function onDisk<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw explainSystemError(error, { action: 'read', path }) ?? error;
  }
}
