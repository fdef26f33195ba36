import { EnvironmentError } from '@pixelis/core';
import type { JsonObject } from './json-object';

/**
 * Brings a manifest of one version to the next. What it gets says that it is of that version and may be wrong otherwise:
 * it moves what it finds, never throws, and leaves what is wrong for the schema to name. `manifest_version` is set for it.
 */
export type ManifestMigration = (document: JsonObject) => JsonObject;

/** The first leads from version 1 to 2, the next from 2 to 3. Version 1 is the only one so far. */
const MIGRATIONS: readonly ManifestMigration[] = [];

/** Options of {@link migrateManifest}. */
export interface MigrateManifestOptions {
  /** Names the manifest in an error. @default 'manifest.json' */
  path?: string;
  /** The first leads from version 1 to 2, and so on; their number is that of the version they lead to, less one. @default those of this Pixelis */
  migrations?: readonly ManifestMigration[];
}

/**
 * A manifest of any version up to this Pixelis' own, as one of the latest version. A document that names no version is
 * returned as it is.
 *
 * @throws {EnvironmentError} `MANIFEST_VERSION_LATER` if a later Pixelis wrote it.
 */
export function migrateManifest(
  document: JsonObject,
  { path = 'manifest.json', migrations = MIGRATIONS }: MigrateManifestOptions = {},
): JsonObject {
  const version = document['manifest_version'];
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) return document;
  const latest = migrations.length + 1;
  if (version > latest) throw laterVersionError(path, { version, latest });
  return migrations.slice(version - 1).reduce<JsonObject>(
    (migrated, migrate, index) => ({
      ...migrate(migrated),
      manifest_version: version + index + 1,
    }),
    document,
  );
}

/** Whether a manifest could not be read only because a later Pixelis wrote it. */
export function isLaterVersionError(error: unknown): error is EnvironmentError {
  return error instanceof EnvironmentError && error.code === 'MANIFEST_VERSION_LATER';
}

function laterVersionError(
  path: string,
  { version, latest }: { version: number; latest: number },
): EnvironmentError {
  const message = `${path} is of version ${version}; this Pixelis reads manifests up to version ${latest}`;
  return new EnvironmentError(message, {
    code: 'MANIFEST_VERSION_LATER',
    remedy: 'Update Pixelis: a later one wrote it.',
  });
}
