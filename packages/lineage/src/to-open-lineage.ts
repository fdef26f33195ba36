import { PRODUCER } from './identity';
import type { LineageGraph } from './lineage-graph';
import type { ArtifactNode, RunNode } from './lineage-node';
import { runFlows, type FlowItem, type RunFlow } from './run-flow';
import { settleJson, type JsonDraft, type JsonObject } from './settle-json';

const SCHEMA = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/';

/** The released facets that are used, with their versions. */
const FACETS = {
  DatasetVersionDatasetFacet: '1-0-1',
  DatasetTypeDatasetFacet: '1-0-1',
  DocumentationDatasetFacet: '1-1-0',
  JobTypeJobFacet: '2-0-4',
  SourceCodeLocationJobFacet: '1-1-0',
  ProcessingEngineRunFacet: '1-1-1',
  ExecutionParametersRunFacet: '1-0-0',
  OutputStatisticsOutputDatasetFacet: '1-0-2',
} as const;

const MODEL_TYPES: ReadonlySet<string> = new Set(['model', 'checkpoint']);

/** How events are written. */
export interface OpenLineageOptions {
  /** Namespace of jobs and data sets. @default {'pixelis'} */
  namespace?: string;
  /** URI of what writes the events. @default {'pkg:npm/%40pixelis/lineage'} */
  producer?: string;
}

interface Writer {
  readonly namespace: string;
  readonly producer: string;
}

/**
 * The runs of a graph as events of OpenLineage 2-0-2 (https://openlineage.io/spec/2-0-2/OpenLineage.json), one JSON object a
 * line, in order of time: a START for each run and, unless it is still running, one COMPLETE or FAIL with its outputs.
 * Artifacts are data sets with their version, type and, as the facet `pixelis_artifact`, their SHA-256; the role they had is in `pixelis_use`; what else is known
 * of a run is in the facet `pixelis_run`. A time that is not known is taken from what the run produced, else it is 1970.
 * Artifacts that no run touched, and derivations without a run, have no place in run events.
 */
export function toOpenLineage(graph: LineageGraph, options: OpenLineageOptions = {}): string {
  const { namespace = 'pixelis', producer = PRODUCER } = options;
  const writer = { namespace, producer };
  const events = runFlows(graph).flatMap((flow, order) => {
    const { start, end } = timesOf(flow);
    const { status } = flow.run;
    const events = [{ order, time: start, event: runEvent(writer, flow, 'START', start) }];
    if (status !== 'RUNNING') {
      const type = status === 'COMPLETED' ? 'COMPLETE' : 'FAIL';
      events.push({ order, time: end, event: runEvent(writer, flow, type, end) });
    }
    return events;
  });
  events.sort((a, b) => Date.parse(a.time) - Date.parse(b.time) || a.order - b.order);
  return events.map(({ event }) => `${JSON.stringify(event)}\n`).join('');
}

function timesOf({ run, outputs }: RunFlow): { start: string; end: string } {
  const made = outputs.map(({ artifact }) => artifact.createdAt).sort();
  const start = run.startedAt ?? made[0] ?? run.endedAt ?? '1970-01-01T00:00:00.000Z';
  return { start, end: run.endedAt ?? made.at(-1) ?? start };
}

function runEvent(
  writer: Writer,
  { run, inputs, outputs }: RunFlow,
  eventType: 'START' | 'COMPLETE' | 'FAIL',
  eventTime: string,
): JsonObject {
  const isLast = eventType !== 'START' || run.status === 'RUNNING';
  return settleJson({
    eventTime,
    eventType,
    producer: writer.producer,
    schemaURL: `${SCHEMA}RunEvent`,
    run: { runId: run.id, facets: runFacets(writer, run) },
    job: { namespace: writer.namespace, name: run.job, facets: jobFacets(writer, run) },
    inputs: inputs.map((item) => ({
      ...dataset(writer, item),
      inputFacets: use(writer, 'InputDatasetFacet', item),
    })),
    outputs: (isLast ? outputs : []).map((item) => ({
      ...dataset(writer, item),
      outputFacets: {
        ...use(writer, 'OutputDatasetFacet', item),
        outputStatistics: statistics(writer, item.artifact),
      },
    })),
  });
}

function dataset(writer: Writer, { artifact }: FlowItem): Record<string, JsonDraft> {
  const { name, version, type, digest, bytes, description, metadata, aliases } = artifact;
  const facets: Record<string, JsonDraft> = {
    version: facet(writer, 'DatasetVersionDatasetFacet', { datasetVersion: version }),
    datasetType: facet(writer, 'DatasetTypeDatasetFacet', {
      datasetType: MODEL_TYPES.has(type) ? 'MODEL' : 'FILE',
      subType: type,
    }),
    pixelis_artifact: ownFacet(writer, 'DatasetFacet', {
      sha256: digest,
      bytes,
      aliases,
      metadata,
      is_external: artifact.isExternal,
      created_at: artifact.createdAt,
    }),
  };
  if (description !== null)
    facets['documentation'] = facet(writer, 'DocumentationDatasetFacet', { description });
  return { namespace: writer.namespace, name, facets };
}

/** What an artifact was to the run, if that is known. */
function use(
  writer: Writer,
  base: 'InputDatasetFacet' | 'OutputDatasetFacet',
  { edge: { role } }: FlowItem,
): Readonly<Record<string, JsonDraft>> {
  return role === null ? {} : { pixelis_use: ownFacet(writer, base, { role }) };
}

function statistics(writer: Writer, { bytes, files }: ArtifactNode): JsonDraft {
  return facet(writer, 'OutputStatisticsOutputDatasetFacet', { size: bytes, fileCount: files.length }); // prettier-ignore
}

function jobFacets(writer: Writer, { git }: RunNode): JsonDraft {
  const jobType = { processingType: 'BATCH', integration: 'PIXELIS', jobType: 'JOB' };
  const facets: Record<string, JsonDraft> = { jobType: facet(writer, 'JobTypeJobFacet', jobType) };
  if (git !== null && git.remote !== null) {
    const location = { type: 'git', url: git.remote, repoUrl: git.remote, version: git.commit ?? undefined }; // prettier-ignore
    facets['sourceCodeLocation'] = facet(writer, 'SourceCodeLocationJobFacet', location);
  }
  return facets;
}

function runFacets(writer: Writer, run: RunNode): JsonDraft {
  const parameters = Object.entries(settleJson(run.params)).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? value : JSON.stringify(value),
  }));
  const { runId, name, seed, metrics, git, packages, lockFile = null, status } = run;
  const facets: Record<string, JsonDraft> = {
    executionParameters: facet(writer, 'ExecutionParametersRunFacet', { parameters }),
    pixelis_run: ownFacet(writer, 'RunFacet', {
      run_id: runId,
      name: name ?? undefined,
      status,
      seed: seed ?? undefined,
      metrics,
      packages,
      git: git === null ? undefined : { ...git },
      lock_file: lockFile === null ? undefined : { ...lockFile },
    }),
  };
  if (run.node !== null) {
    const engine = { name: 'Node.js', version: run.node };
    facets['processing_engine'] = facet(writer, 'ProcessingEngineRunFacet', engine);
  }
  return facets;
}

function facet(
  { producer }: Writer,
  name: keyof typeof FACETS,
  values: Readonly<Record<string, JsonDraft>>,
): JsonDraft {
  const schema = `https://openlineage.io/spec/facets/${FACETS[name]}/${name}.json#/$defs/${name}`;
  return { _producer: producer, _schemaURL: schema, ...values };
}

/** A facet of our own: of the base's schema, which allows any members. */
function ownFacet(
  { producer }: Writer,
  base: 'DatasetFacet' | 'InputDatasetFacet' | 'OutputDatasetFacet' | 'RunFacet',
  values: Readonly<Record<string, JsonDraft>>,
): JsonDraft {
  return { _producer: producer, _schemaURL: `${SCHEMA}${base}`, ...values };
}
