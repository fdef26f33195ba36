import { canonicalJson, sha256 } from '@pixelis/core';
import { packageUrl } from './identity';
import type { LineageGraph } from './lineage-graph';
import type { ArtifactNode, RunNode } from './lineage-node';
import { artifactsOf, packagesOf, runFlow, runFlows, wholeEdges } from './run-flow';
import { settleJson, type JsonDraft, type JsonObject } from './settle-json';

const MODEL_TYPES: ReadonlySet<string> = new Set(['model', 'checkpoint']);

/** `approach.type` of a model card. */
const APPROACHES: ReadonlySet<unknown> = new Set([
  'supervised',
  'unsupervised',
  'reinforcement-learning',
  'semi-supervised',
  'self-supervised',
]);

/**
 * A graph as a bill of materials of CycloneDX 1.6 (ECMA-424, https://cyclonedx.org/docs/1.6/json/). Models and checkpoints
 * are `machine-learning-model` components with a model card, other artifacts are `data`, the packages of the runs that made
 * them are libraries. A model's card names its data sets, and as performance metrics those of the run that made it and of
 * the runs that used it to make an evaluation (`slice` is the data it was evaluated on). `task`, `approach`,
 * `architecture_family`, `architecture` and `license` of an artifact's metadata go where the standard has a place for them.
 * The serial number is a hash of the rest, so that equal graphs have equal bills.
 */
export function toMlBom(graph: LineageGraph): JsonObject {
  const artifacts = artifactsOf(graph);
  const libraries = librariesOf(graph);
  const times = runFlows(graph).flatMap(({ run }) => [run.startedAt ?? [], run.endedAt ?? []].flat()); // prettier-ignore
  const latest = [...times, ...artifacts.map(({ createdAt }) => createdAt)].sort().at(-1);
  const bom = settleJson({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: latest,
      tools: { components: [{ type: 'library', name: '@pixelis/lineage' }] },
    },
    components: [
      ...artifacts.map((artifact) => artifactComponent(graph, artifact)),
      ...[...libraries].map(([reference, [name, version]]) => ({
        type: 'library',
        'bom-ref': reference,
        name,
        version,
        purl: reference,
      })),
    ],
    dependencies: [
      ...artifacts.map((artifact) => ({
        ref: artifact.id,
        dependsOn: dependenciesOf(graph, artifact),
      })),
      ...[...libraries.keys()].map((ref) => ({ ref })),
    ],
  });
  return settleJson({ ...bom, serialNumber: `urn:uuid:${uuidOf(canonicalJson(bom))}` });
}

function artifactComponent(graph: LineageGraph, artifact: ArtifactNode): JsonDraft {
  const { id, name, version, type, digest, files, metadata, aliases, bytes } = artifact;
  const isModel = MODEL_TYPES.has(type);
  const properties = [
    { name: 'pixelis:type', value: type },
    { name: 'pixelis:bytes', value: String(bytes) },
    { name: 'pixelis:is_external', value: String(artifact.isExternal) },
    ...producers(graph, artifact).map((run) => ({ name: 'pixelis:run', value: run.id })),
  ];
  const license = metadata['license'];
  return {
    type: isModel ? 'machine-learning-model' : 'data',
    'bom-ref': id,
    name,
    version,
    description: artifact.description ?? undefined,
    hashes: hash(digest),
    licenses: typeof license === 'string' && license !== '' ? [{ license: { name: license } }] : undefined, // prettier-ignore
    tags: aliases.length === 0 ? undefined : [...new Set(aliases)],
    components: files.map(({ path, sha256 }) => ({ type: 'file', 'bom-ref': `${id}/${path}`, name: path, hashes: hash(sha256) })), // prettier-ignore
    modelCard: isModel ? modelCard(graph, artifact) : undefined,
    data: isModel ? undefined : [{ type: type === 'dataset' ? 'dataset' : 'other', name, description: artifact.description ?? undefined }], // prettier-ignore
    properties,
  };
}

function modelCard(graph: LineageGraph, model: ArtifactNode): JsonDraft {
  const { metadata } = model;
  const runs = producers(graph, model);
  const inputs = runs.flatMap((run) => runFlow(graph, run).inputs.map(({ artifact }) => artifact));
  const datasets = inputs.filter(({ type }) => !MODEL_TYPES.has(type)).map(({ id }) => id);
  const own = runs.flatMap((run) => performance(run, undefined));
  const approach = metadata['approach'];
  return {
    modelParameters: {
      approach: APPROACHES.has(approach) ? { type: approach } : undefined,
      task: textOf(metadata['task']),
      architectureFamily: textOf(metadata['architecture_family']),
      modelArchitecture: textOf(metadata['architecture']),
      datasets: [...new Set(datasets)].map((ref) => ({ ref })),
    },
    quantitativeAnalysis: { performanceMetrics: [...own, ...evaluations(graph, model)] },
  };
}

/** What runs measured that used a model to make an evaluation. */
function evaluations(graph: LineageGraph, model: ArtifactNode): JsonDraft[] {
  return graph.edgesFrom(model.id).flatMap(({ to }) => {
    const run = graph.node(to);
    if (run?.kind !== 'run') return [];
    const { inputs, outputs } = runFlow(graph, run);
    if (!outputs.some(({ artifact }) => artifact.type === 'evaluation')) return [];
    const others = inputs.filter(({ artifact }) => artifact.id !== model.id);
    return performance(run, others.map(({ artifact }) => artifact.id).join(', ') || undefined);
  });
}

function performance({ metrics }: RunNode, slice: string | undefined): JsonDraft[] {
  return Object.entries(metrics)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, value]) => ({ type, value: String(value), slice }));
}

function dependenciesOf(graph: LineageGraph, artifact: ArtifactNode): string[] {
  const references = new Set<string>();
  for (const edge of graph.edgesTo(artifact.id))
    if (edge.kind === 'derived') references.add(edge.from);
  for (const run of producers(graph, artifact)) {
    for (const { artifact: input } of runFlow(graph, run).inputs) references.add(input.id);
    for (const [name, version] of packagesOf(run)) references.add(packageUrl(name, version)); // prettier-ignore
  }
  references.delete(artifact.id);
  return [...references].sort();
}

function producers(graph: LineageGraph, artifact: ArtifactNode): RunNode[] {
  const ids = new Set(graph.edgesTo(artifact.id).map(({ from }) => from));
  return [...ids].flatMap((id) => {
    const node = graph.node(id);
    return node?.kind === 'run' ? [node] : [];
  });
}

/** Packages of the runs that produced something, by their URL. */
function librariesOf(graph: LineageGraph): Map<string, [string, string]> {
  const makers = new Set(wholeEdges(graph, 'produced').map(({ from }) => from));
  const packages = runFlows(graph).flatMap(({ run }) =>
    makers.has(run.id) ? packagesOf(run) : [],
  );
  const byUrl = packages.map(([name, version]): [string, [string, string]] => [
    packageUrl(name, version),
    [name, version],
  ]);
  return new Map(byUrl.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function hash(content: string): JsonDraft {
  return [{ alg: 'SHA-256', content }];
}

function textOf(value: JsonDraft): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A UUID of version 8 (RFC 9562, section 5.8) made of a hash. */
function uuidOf(text: string): string {
  const hex = sha256(text);
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-'); // prettier-ignore
}
