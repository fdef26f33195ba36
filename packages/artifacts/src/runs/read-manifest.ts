import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { IntegrityError } from '@pixelis/core';
import { requireText } from './check-argument';
import { onDisk } from './disk';
import { isJsonObject, isJsonValue, type JsonObject } from './json-object';
import { MANIFEST_FILE, manifestSchema, type RunManifest } from './manifest';
import { manifestExpectation, manifestProblems } from './manifest-words';
import { migrateManifest } from './migrate-manifest';
import { readJson } from './run-config';

/** A fault of a manifest or of a file that it names. */
export interface ManifestProblem {
  /** The file, or the manifest's field by its dotted path. */
  path: string;
  message: string;
}

/** A manifest whose fields are right. */
export interface ScannedManifest {
  /** As it is written. */
  document: JsonObject;
  /** Brought to the latest version. */
  manifest: RunManifest;
}

/**
 * Reads the manifest of a run.
 *
 * @param path A `manifest.json`, or the folder that holds it.
 * @throws {DataError} If it is missing or cannot be read.
 * @throws {IntegrityError} `MANIFEST_BROKEN` if it is not what Pixelis writes; `validateManifest` names all that is wrong.
 * @throws {EnvironmentError} `MANIFEST_VERSION_LATER` if a later Pixelis wrote it.
 */
export function readManifest(path: string): RunManifest {
  requireText(path, { action: 'read a manifest', name: 'path' });
  const file = manifestPath(path);
  return parseManifest(
    onDisk(file, () => readFileSync(file, 'utf8')),
    file,
  );
}

/**
 * As {@link readManifest}, of the text of a manifest.
 *
 * @param path Names it in an error.
 */
export function parseManifest(text: string, path: string): RunManifest {
  const scanned = scanManifest(text, path);
  if (!Array.isArray(scanned)) return scanned.manifest;
  const faults = scanned.map((problem) => `${problem.path}: ${problem.message}`);
  throw new IntegrityError(`${path} is not what Pixelis writes: ${faults.join('; ')}`, {
    code: 'MANIFEST_BROKEN',
    remedy: 'Take the file from a copy of the run that nobody changed.',
  });
}

/** As {@link parseManifest}, with all that is wrong instead of an error. @throws {EnvironmentError} `MANIFEST_VERSION_LATER` */
export function scanManifest(text: string, path: string): ScannedManifest | ManifestProblem[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return [{ path: MANIFEST_FILE, message: 'is not JSON' }];
  }
  if (!isJsonValue(document) || !isJsonObject(document))
    return [{ path: MANIFEST_FILE, message: 'is not an object' }];
  const migrated = migrateManifest(document, { path });
  const result = manifestSchema.safeParse(migrated, { error: manifestExpectation });
  const nameless = lostKeys(document, []);
  if (result.success && nameless.length === 0) return { document, manifest: result.data };
  const issues = result.error?.issues ?? [];
  return [...nameless, ...manifestProblems({ issues, document: migrated })];
}

/**
 * What a manifest says, whether or not its fields are right: for lists, in which one damaged run must not hide the others.
 * Null if it is missing or no JSON object.
 *
 * @throws {EnvironmentError} `MANIFEST_VERSION_LATER` if a later Pixelis wrote it: what its fields mean is not known.
 */
export function readManifestLeniently(directory: string): JsonObject | null {
  const path = join(directory, MANIFEST_FILE);
  const document = readJson(path);
  if (document === undefined || !isJsonObject(document)) return null;
  return migrateManifest(document, { path });
}

/** The file that is meant by its own path or by that of its folder. */
export function manifestPath(path: string): string {
  return onDisk(path, () => statSync(path)).isDirectory() ? join(path, MANIFEST_FILE) : path;
}

/** Zod leaves out a key `__proto__` of a record, whatever it holds. */
function lostKeys(value: unknown, path: readonly string[]): ManifestProblem[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const here = [...path, key];
    if (key === '__proto__')
      return [{ path: here.join('.'), message: 'is no key that a manifest may have' }];
    return lostKeys(member, here);
  });
}
