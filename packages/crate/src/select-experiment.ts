import { LineageGraph, type LineageNode } from '@pixelis/lineage';

/** Where a selection begins, by the ids of the graph. */
export interface Selection {
  readonly runs: readonly string[];
  readonly artifacts: readonly string[];
  /** Whether all that these came from belongs to it, however far back. */
  readonly ancestors: boolean;
}

/**
 * The part of a lineage that makes an experiment complete: what was asked for, what those runs used and made, and, with
 * `ancestors`, the runs and artifacts that all of it came from.
 */
export function selectExperiment(graph: LineageGraph, selection: Selection): LineageGraph {
  const { runs, artifacts, ancestors } = selection;
  const kept = new Set([...runs, ...artifacts]);
  for (const run of runs) {
    for (const { to } of graph.edgesFrom(run)) kept.add(to);
    for (const { from } of graph.edgesTo(run)) kept.add(from);
  }
  if (ancestors) {
    for (const id of [...kept].filter((id) => graph.node(id) !== undefined))
      for (const { id: above } of graph.ancestors(id)) kept.add(above);
  }
  return partOf(graph, ({ id }) => kept.has(id));
}

/** The nodes that a test lets through, and the edges between them. */
export function partOf(graph: LineageGraph, isKept: (node: LineageNode) => boolean): LineageGraph {
  const nodes = graph.nodes.filter(isKept);
  const ids = new Set(nodes.map(({ id }) => id));
  return new LineageGraph(
    nodes,
    graph.edges.filter(({ from, to }) => ids.has(from) && ids.has(to)),
  );
}
