import type {
  ArtifactFact,
  ArtifactReference,
  ArtifactVersion,
  RunFacts,
  RunReference,
} from '@pixelis/artifacts';
import { type JsonValue, redactJson, redactSecrets } from '@pixelis/core';
import type { ArtifactNode, LineageNode, RunNode } from '@pixelis/lineage';
import type { CrateArtifact, CrateRun } from './crate-index';

/** What an index says of a run. */
export interface RunEntryParts {
  node: RunNode;
  /** What the logs say of it. */
  facts: RunFacts | undefined;
  hasFolder: boolean;
  leftOut: CrateRun['left_out'];
  /** Ids of the artifacts in the crate: it holds no fact about others. */
  artifacts: ReadonlySet<string>;
}

/** The id of a version in a lineage. */
export function artifactId({ name, version }: Omit<ArtifactReference, 'digest'>): string {
  return `${name}:${version}`;
}

export function runEntry({ node, facts, hasFolder, leftOut, artifacts }: RunEntryParts): CrateRun {
  return {
    run_id: node.runId,
    run_uuid: node.id,
    has_folder: hasFolder,
    left_out: leftOut,
    job: facts?.job ?? null,
    name: redactText(facts?.name),
    status: facts?.status ?? null,
    error: facts?.error ? redactError(facts.error) : null,
    started_at: facts?.startedAt ?? null,
    ended_at: facts?.endedAt ?? null,
    used: factsAbout(facts?.used ?? [], artifacts),
    produced: factsAbout(facts?.produced ?? [], artifacts),
  };
}

export function artifactEntry(version: ArtifactVersion, { files }: ArtifactNode): CrateArtifact {
  return {
    ...reference(version),
    type: version.type,
    created_at: version.createdAt,
    description: redactText(version.description),
    metadata: redactMembers(version.metadata),
    producer: version.producer && storedRun(version.producer),
    parents: version.parents.map(reference),
    is_external: version.isExternal,
    aliases: version.aliases.toSorted(),
    files: files.map(({ path, sha256, bytes }) => ({ path, sha256, bytes })),
  };
}

/** A node without secrets: whatever people wrote is looked at once more before it leaves the store. */
export function redactNode(node: LineageNode): LineageNode {
  if (node.kind === 'run')
    return { ...node, name: redactText(node.name), params: redactMembers(node.params) };
  const { description, metadata } = node;
  return { ...node, description: redactText(description), metadata: redactMembers(metadata) };
}

function redactText(text: string | null | undefined): string | null {
  return typeof text === 'string' ? redactSecrets(text) : null;
}

function redactError({ code, message }: NonNullable<RunFacts['error']>): CrateRun['error'] {
  return { code, message: redactSecrets(message) };
}

function redactMembers(members: Readonly<Record<string, JsonValue>>): Record<string, JsonValue> {
  const redacted = redactJson({ ...members });
  return typeof redacted === 'object' ? Object.fromEntries(Object.entries(redacted ?? {})) : {};
}

function factsAbout(
  facts: readonly ArtifactFact[],
  artifacts: ReadonlySet<string>,
): CrateRun['used'] {
  return facts
    .filter(({ artifact }) => artifacts.has(artifactId(artifact)))
    .map(({ artifact, role, time }) => ({ artifact: reference(artifact), role, time }));
}

function reference({ name, version, digest }: ArtifactReference): ArtifactReference {
  return { name, version, digest };
}

function storedRun({ runId, runUuid }: RunReference): { run_id: string; run_uuid: string } {
  return { run_id: runId, run_uuid: runUuid };
}
