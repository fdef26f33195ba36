import type { LineageGraph } from './lineage-graph';

/** Short names of nodes for a picture. */
export interface NodeNames {
  /** `n0`, `n1`, … in the order of the graph, then those that edges name but that are not there. */
  readonly names: ReadonlyMap<string, string>;
  /** Ids of those that are not there. */
  readonly missing: readonly string[];
}

export function nodeNames(graph: LineageGraph): NodeNames {
  const names = new Map(graph.nodes.map(({ id }, index) => [id, `n${index}`]));
  const missing: string[] = [];
  for (const id of graph.edges.flatMap(({ from, to }) => [from, to])) {
    if (names.has(id)) continue;
    names.set(id, `n${names.size}`);
    missing.push(id);
  }
  return { names, missing };
}
