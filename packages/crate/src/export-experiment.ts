import { resolve } from 'node:path';
import {
  ArtifactManager,
  type ArtifactVersion,
  LineageTracker,
  listRuns,
  type RunSummary,
} from '@pixelis/artifacts';
import { canonicalJson, type JsonValue, nearestName, sha256, UsageError } from '@pixelis/core';
import {
  type ArtifactNode,
  LineageGraph,
  type RoCrateAgent,
  type RoCrateFile,
  type RunNode,
  toRoCrateMetadata,
} from '@pixelis/lineage';
import { type CrateIndex, crateIndexSchema, type CrateRun } from './crate-index';
import { artifactEntry, artifactId, redactNode, runEntry } from './index-entries';
import { contentMember, INDEX_FILE, METADATA_FILE } from './member-path';
import { identityOf, membersOfRun } from './run-members';
import { partOf, selectExperiment } from './select-experiment';
import { type MemberSource, writeZip } from './write-zip';

/** What {@link exportExperiment} exports. */
export interface ExportExperimentOptions {
  /** The output folder. @default 'out' */
  root?: string;
  /** The file to write, such as `experiment.zip`; it must not exist. */
  file: string;
  /** Runs, by the names of their folders. */
  runIds?: readonly string[];
  /** Artifacts: `name` (its latest), `name:best`, `name:v2` or `name:1.2.0`. */
  artifacts?: readonly string[];
  /** Whether everything that these came from goes along, however far back. @default true */
  ancestors?: boolean;
  /** Whether `environment.diff` goes along: it holds source code that was not committed. @default false */
  withDiff?: boolean;
  /** What the crate is called. @default what was asked for */
  name?: string;
  /** @default made of what it holds */
  description?: string;
  /** A URI, or the terms in words. @default a sentence that says that none was given */
  license?: string;
  /** @default none */
  publisher?: RoCrateAgent;
}

/** What {@link exportExperiment} wrote. */
export interface ExportedExperiment {
  readonly file: string;
  /** Of all members together. */
  readonly bytes: number;
  /** Names of the run folders in it. */
  readonly runs: readonly string[];
  /** Artifacts in it, as `name:1.0.0`. */
  readonly artifacts: readonly string[];
  /** Files of runs that were left out, as `<run id>/<path>`. */
  readonly leftOut: readonly string[];
}

interface Packed {
  readonly graph: LineageGraph;
  readonly index: CrateIndex;
  readonly members: readonly MemberSource[];
}

/**
 * Writes runs and artifacts, with all that they came from, into one file: an RO-Crate in a zip, which
 * {@link importExperiment} takes into another store and any RO-Crate tool can read. Equal experiments make equal bytes.
 *
 * @throws {UsageError} `EXPORT_NOTHING`, `RUN_UNKNOWN`, `RUN_HELD` for a run that is still at work, `ARTIFACT_UNKNOWN`,
 * `ARTIFACT_REMOVED`, or `CRATE_FILE_TAKEN` if the file exists.
 * @throws {IntegrityError} `RUN_DAMAGED`, `CRATE_SOURCE_CHANGED`, `CONTENT_MISSING` or `CONTENT_DAMAGED`: nothing that
 * is not as it was recorded leaves the store.
 * @throws {DataError} If a run cannot be read or the file cannot be written. No part of it is then left.
 */
export async function exportExperiment(
  options: ExportExperimentOptions,
): Promise<ExportedExperiment> {
  const { root = 'out', runIds = [], artifacts: specs = [] } = options;
  if (runIds.length + specs.length === 0) {
    throw new UsageError('there is nothing to export', {
      code: 'EXPORT_NOTHING',
      remedy: 'Name at least one run or artifact.',
    });
  }
  const manager = ArtifactManager.open({ root, rank: 0 });
  const versions = new Map(manager.list().map((version) => [artifactId(version), version]));
  const folders = foldersOf(root);
  const whole = await new LineageTracker(manager).graph();
  const selected = selectExperiment(whole, {
    runs: runIds.map((runId) => requireFree(folders, runId).runUuid),
    artifacts: specs.map((spec) => artifactId(manager.resolve(spec))),
    ancestors: options.ancestors ?? true,
  });
  const graph = partOf(selected, ({ kind, id }) => kind === 'run' || versions.has(id));
  const packed = await pack({ graph, manager, versions, folders, options });
  const members = withFirstMembers(packed, options);
  await writeZip(resolve(options.file), members);
  return {
    file: options.file,
    bytes: members.reduce((sum, { bytes }) => sum + bytes, 0),
    runs: packed.index.runs.filter((run) => run.has_folder).map((run) => run.run_id),
    artifacts: packed.index.artifacts.map(artifactId),
    leftOut: packed.index.runs.flatMap((run) =>
      run.left_out.map((path) => `${run.run_id}/${path}`),
    ),
  };
}

type FolderOfRun = RunSummary & { runUuid: string };

function foldersOf(root: string): ReadonlyMap<string, FolderOfRun> {
  const found = new Map<string, FolderOfRun>();
  for (const summary of listRuns(root)) {
    const runUuid = identityOf(summary.directory)?.run_uuid;
    if (runUuid !== undefined) found.set(summary.runId, { ...summary, runUuid });
  }
  return found;
}

function requireFree(folders: ReadonlyMap<string, FolderOfRun>, runId: string): FolderOfRun {
  const run = folders.get(runId);
  if (run === undefined) {
    const nearest = nearestName(runId, folders.keys());
    throw new UsageError(`there is no run ${JSON.stringify(runId)}`, {
      code: 'RUN_UNKNOWN',
      remedy:
        nearest === undefined
          ? 'List the runs to see which there are.'
          : `Did you mean ${nearest}?`,
    });
  }
  if (!run.isHeld) return run;
  throw new UsageError(`run ${runId} is still at work`, {
    code: 'RUN_HELD',
    remedy: 'Export it when it is complete, or has failed.',
  });
}

interface PackParts {
  graph: LineageGraph;
  manager: ArtifactManager;
  versions: ReadonlyMap<string, ArtifactVersion>;
  folders: ReadonlyMap<string, FolderOfRun>;
  options: ExportExperimentOptions;
}

/** Collects the members and what the index says of them; the bytes are read when the zip is written. */
async function pack(parts: PackParts): Promise<Packed> {
  const { graph, manager, versions } = parts;
  const nodes = graph.nodes;
  const artifactNodes = nodes.filter((node): node is ArtifactNode => node.kind === 'artifact');
  const ids = new Set(artifactNodes.map(({ id }) => id));
  const members: MemberSource[] = [];
  const runs: CrateRun[] = [];
  const factsByRun = new Map(manager.runFacts().map((facts) => [facts.run.runUuid, facts]));
  for (const node of nodes.filter((node): node is RunNode => node.kind === 'run')) {
    const folder = parts.folders.get(node.runId);
    const hasFolder = folder?.runUuid === node.id && !folder.isHeld;
    const withDiff = parts.options.withDiff ?? false;
    const found = hasFolder ? await membersOfRun(folder, { withDiff }) : null;
    members.push(...(found?.members ?? []));
    const facts = factsByRun.get(node.id);
    runs.push(runEntry({ node, facts, hasFolder, leftOut: found?.leftOut ?? [], artifacts: ids }));
  }
  const held = new Set(members.map(({ sha256 }) => sha256));
  for (const { sha256, bytes } of artifactNodes.flatMap(({ files }) => files)) {
    if (held.has(sha256)) continue;
    held.add(sha256);
    members.push({
      path: contentMember(sha256),
      sha256,
      bytes,
      open: () => manager.store.read(sha256),
    });
  }
  const artifacts = artifactNodes
    .flatMap((node) => {
      const version = versions.get(node.id);
      return version === undefined ? [] : [artifactEntry(version, node)];
    })
    .sort((a, b) => (a.created_at < b.created_at ? -1 : Number(a.created_at > b.created_at)));
  return { graph, index: { crate_version: 1, members: [], runs, artifacts }, members };
}

/** Index and metadata first, then the rest by path. */
function withFirstMembers(
  { graph, index, members }: Packed,
  options: ExportExperimentOptions,
): MemberSource[] {
  const files = describeFiles(index, members);
  const metadata = fromText(METADATA_FILE, metadataText(graph, files, options));
  const rest = members.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  index.members = [metadata, ...rest].map(({ path, sha256, bytes }) => ({ path, sha256, bytes }));
  return [
    fromText(INDEX_FILE, `${canonicalJson(crateIndexSchema.parse(index))}\n`),
    metadata,
    ...rest,
  ];
}

function describeFiles(index: CrateIndex, members: readonly MemberSource[]): RoCrateFile[] {
  const owners = new Map<string, { artifact: string; path: string }>();
  for (const artifact of index.artifacts) {
    for (const { path, sha256 } of artifact.files)
      if (!owners.has(sha256)) owners.set(sha256, { artifact: artifactId(artifact), path });
  }
  const uuids = new Map(index.runs.map((run) => [run.run_id, run.run_uuid]));
  return members.map(({ path, sha256, bytes }) => {
    const owner = owners.get(sha256);
    const run = uuids.get(/^runs\/([^/]+)\//.exec(path)?.[1] ?? '');
    return {
      path,
      sha256,
      bytes,
      ...(run === undefined ? {} : { run }),
      ...(owner && { artifact: owner.artifact, description: `${owner.path} of ${owner.artifact}` }),
    };
  });
}

function metadataText(
  graph: LineageGraph,
  files: readonly RoCrateFile[],
  options: ExportExperimentOptions,
): string {
  const { runIds = [], artifacts = [], publisher } = options;
  const name = options.name ?? `Experiment ${[...runIds, ...artifacts].join(', ')}`;
  const runCount = graph.nodes.filter(({ kind }) => kind === 'run').length;
  const metadata = toRoCrateMetadata(new LineageGraph(graph.nodes.map(redactNode), graph.edges), {
    name,
    description:
      options.description ??
      `${runCount} runs and ${graph.nodes.length - runCount} artifacts, exported by Pixelis`,
    license: options.license ?? 'No licence was given: ask whoever published this crate.',
    datePublished: lastTime(graph),
    files,
    ...(publisher && { publisher }),
  });
  const value: JsonValue = { ...metadata };
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** When the newest of it was made: a clock would make other bytes of equal experiments. */
function lastTime(graph: LineageGraph): string {
  const times = graph.nodes.flatMap((node) =>
    node.kind === 'run' ? [node.startedAt, node.endedAt] : [node.createdAt],
  );
  return times.reduce<string>(
    (last, time) => (time !== null && time > last ? time : last),
    '1980-01-01',
  );
}

function fromText(path: string, text: string): MemberSource {
  const bytes = Buffer.from(text, 'utf8');
  return { path, sha256: sha256(bytes), bytes: bytes.byteLength, open: () => [bytes] };
}
