import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  MANIFEST_FILE,
  type ManifestProblem,
  migrateManifest,
  validateFiles,
} from '@pixelis/artifacts';
import { explainSystemError } from '@pixelis/core';
import { type SweepManifest, sweepManifestSchema } from '@pixelis/sweep';
import { z } from 'zod';

const documentSchema = z.record(z.string(), z.json());

/**
 * Checks the manifest of a sweep: the fields, each file's presence, size and hash, and that every path in it is one of its
 * files. The runs of its trials have manifests of their own. Changes nothing.
 *
 * @param path A `manifest.json`, or the folder that holds it.
 * @returns All problems at once; null for what is no manifest of a sweep.
 * @throws {DataError} If it is missing or cannot be read.
 * @throws {EnvironmentError} `MANIFEST_VERSION_LATER` if a later Pixelis wrote it.
 */
export async function validateSweepManifest(path: string): Promise<ManifestProblem[] | null> {
  const file = onDisk(path, () =>
    statSync(path).isDirectory() ? join(path, MANIFEST_FILE) : path,
  );
  const document = parseDocument(onDisk(file, () => readFileSync(file, 'utf8')));
  if (document === null || !Object.hasOwn(document, 'sweep_uuid')) return null;
  const result = sweepManifestSchema.safeParse(
    migrateManifest(document, { path: file, migrations: [] }),
  );
  if (!result.success)
    return result.error.issues.map((issue) => ({
      path: issue.path.map(String).join('.') || MANIFEST_FILE,
      message: issue.message,
    }));
  return [...(await validateFiles(dirname(file), result.data.files)), ...unlisted(result.data)];
}

function unlisted({ files, figures, report_path, trials }: SweepManifest): ManifestProblem[] {
  const configs = trials.flatMap(({ config_path }) => config_path ?? []);
  return [report_path, ...figures, ...configs]
    .filter((path) => !Object.hasOwn(files, path))
    .map((path) => ({ path, message: 'is not among the files' }));
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
