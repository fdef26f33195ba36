import { type JsonValue, UsageError } from '@pixelis/core';
import { FIRST_PREVIOUS } from '../runs/event';
import { LATEST } from './alias-name';
import type { PutArtifact } from './artifact-options';
import { History } from './history';
import type { ArtifactReference, ArtifactVersion, EntryBody, RunReference } from './history-entry';
import {
  compareVersions,
  formatVersion,
  parseVersion,
  raiseVersion,
  type VersionBump,
} from './semantic-version';

/** What is put, once its content is in the store. */
export interface PutRequest {
  readonly type: string;
  readonly digest: string;
  readonly bytes: number;
  readonly fileCount: number;
  readonly bump: VersionBump;
  /** In full; null to raise the highest one. */
  readonly version: string | null;
  /** Without `latest`. */
  readonly aliases: readonly string[];
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, JsonValue>>;
  readonly producer: RunReference | null;
  readonly parents: readonly ArtifactReference[];
  readonly isExternal: boolean;
  /** When it was made, if that is not when it is put. */
  readonly createdAt: string | undefined;
}

/** What a put comes to, given the history as it is. */
export interface PutPlan {
  /** The version that holds the content. */
  readonly version: string;
  readonly isNew: boolean;
  /** What has to be written; null if all is as it should be. */
  readonly entry: EntryBody | null;
}

/**
 * Decides what a put adds to a history: nothing or moved aliases if a version has the content, else a new version.
 * `latest` follows, unless a version was asked for that is not the highest.
 *
 * @throws {UsageError} `ARTIFACT_TYPE_DIFFERS`, `ARTIFACT_VERSION_TAKEN`, or `ARTIFACT_CONTENT_KNOWN` if another version
 * than the one asked for has the content.
 */
export function planPut(history: History, request: PutRequest): PutPlan {
  checkType(history, request.type);
  const known = history.versionOfDigest(request.digest);
  if (known !== undefined) return planKnown(history, request, known);
  const version = request.version ?? nextVersion(history, request.bump);
  if (history.hasVersion(version)) throw versionTakenError(history.name, version);
  const { producer } = request;
  const entry: EntryBody = {
    kind: 'version',
    moves: history.movesTo(version, aliasesFor(history, request, version)),
    version: {
      version,
      type: request.type,
      digest: request.digest,
      bytes: request.bytes,
      file_count: request.fileCount,
      description: request.description,
      metadata: { ...request.metadata },
      producer: producer && { run_id: producer.runId, run_uuid: producer.runUuid },
      parents: request.parents.map(({ name, version, digest }) => ({ name, version, digest })),
      is_external: request.isExternal,
      ...(request.createdAt !== undefined && { created_at: request.createdAt }),
    },
  };
  return { version, isNew: true, entry };
}

/** The version that a plan comes to, whether its entry was written to the history or only could be. */
export function plannedVersion(history: History, { version, isNew, entry }: PutPlan): PutArtifact {
  const known = history.version(version) ?? scratchVersion(history.name, version, entry);
  return { ...known, isNew };
}

function scratchVersion(name: string, version: string, entry: EntryBody | null): ArtifactVersion {
  const scratch = new History(name);
  const time = new Date(0).toISOString();
  if (entry !== null)
    scratch.apply({ ...entry, entry_version: 1, name, seq: 1, time, previous: FIRST_PREVIOUS });
  const found = scratch.version(version);
  if (found === undefined)
    throw new TypeError(`Cannot describe ${name}:${version}: it is not planned`);
  return found;
}

function planKnown(history: History, request: PutRequest, version: string): PutPlan {
  if (request.version !== null && request.version !== version) {
    throw new UsageError(
      `the content of ${history.name}:${request.version} is ${version} already`,
      {
        code: 'ARTIFACT_CONTENT_KNOWN',
        remedy: `Use ${history.name}:${version}, or set an alias: equal content has one version.`,
      },
    );
  }
  // Who names the version of a content that is there says nothing of what is the latest.
  const aliases = request.version === null ? [LATEST, ...request.aliases] : request.aliases;
  const moves = history.movesTo(version, aliases);
  const entry: EntryBody | null =
    moves.length === 0 ? null : { kind: 'alias', change: 'moved', moves };
  return { version, isNew: false, entry };
}

function aliasesFor(history: History, request: PutRequest, version: string): string[] {
  const parts = request.version === null ? null : parseVersion(version);
  const { highest } = history;
  const isBehind = parts !== null && highest !== null && compareVersions(parts, highest) < 0;
  return isBehind ? [...request.aliases] : [LATEST, ...request.aliases];
}

function nextVersion(history: History, bump: VersionBump): string {
  const { highest } = history;
  return highest === null ? '1.0.0' : formatVersion(raiseVersion(highest, bump));
}

function checkType(history: History, type: string): void {
  const known = history.type;
  if (known === null || known === type) return;
  throw new UsageError(`${history.name} is of type ${known}, not ${type}`, {
    code: 'ARTIFACT_TYPE_DIFFERS',
    remedy: `Put it as type ${known}, or under another name.`,
  });
}

function versionTakenError(name: string, version: string): UsageError {
  return new UsageError(`${name}:${version} exists, with other content`, {
    code: 'ARTIFACT_VERSION_TAKEN',
    remedy: 'Ask for another version, or for none to get the next.',
  });
}
