import type { LineageGraph } from './lineage-graph';
import type { ArtifactNode, LineageEdge, RunNode } from './lineage-node';

/** An artifact that a run used or produced. */
export interface FlowItem {
  readonly artifact: ArtifactNode;
  readonly edge: LineageEdge;
}

/** A run with what went into it and what came out. What is missing from the graph is left out. */
export interface RunFlow {
  readonly run: RunNode;
  /** By the artifact's id; each once, although a run may use one in several roles. */
  readonly inputs: readonly FlowItem[];
  readonly outputs: readonly FlowItem[];
}

/** Every run of a graph, by when it started and then by id. */
export function runFlows(graph: LineageGraph): readonly RunFlow[] {
  return graph.nodes
    .flatMap((node) => (node.kind === 'run' ? [runFlow(graph, node)] : []))
    .sort((a, b) => compareStart(a.run, b.run));
}

export function runFlow(graph: LineageGraph, run: RunNode): RunFlow {
  const inputs = graph.edgesTo(run.id).map((edge) => ({ edge, id: edge.from }));
  const outputs = graph.edgesFrom(run.id).map((edge) => ({ edge, id: edge.to }));
  return { run, inputs: flowItems(graph, inputs), outputs: flowItems(graph, outputs) };
}

/** The packages of a run as name and version, by name. */
export function packagesOf({ packages }: RunNode): [string, string][] {
  return Object.entries(packages)
    .filter(([name]) => name !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The artifacts of a graph, by id. */
export function artifactsOf(graph: LineageGraph): readonly ArtifactNode[] {
  return graph.nodes.flatMap((node) => (node.kind === 'artifact' ? [node] : []));
}

/** The edges of one kind of which both ends are there. */
export function wholeEdges(graph: LineageGraph, kind: LineageEdge['kind']): readonly LineageEdge[] {
  return graph.edges.filter(
    (edge) =>
      edge.kind === kind &&
      graph.node(edge.from) !== undefined &&
      graph.node(edge.to) !== undefined,
  );
}

function flowItems(
  graph: LineageGraph,
  ends: readonly { readonly edge: LineageEdge; readonly id: string }[],
): FlowItem[] {
  const items = new Map<string, FlowItem>();
  for (const { edge, id } of ends) {
    const artifact = graph.node(id);
    if (artifact?.kind === 'artifact' && !items.has(id)) items.set(id, { artifact, edge });
  }
  return [...items.values()];
}

function compareStart(a: RunNode, b: RunNode): number {
  const [x, y] = [a.startedAt ?? '', b.startedAt ?? ''];
  if (x !== y) return x < y ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
