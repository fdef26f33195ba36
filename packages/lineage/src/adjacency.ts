/** Edges by the node that they leave (or reach), as compressed sparse rows: those of node `i` are at `starts[i]` to `starts[i + 1]`. */
export interface Adjacency {
  readonly starts: Int32Array;
  /** The node at the other end of each edge. */
  readonly neighbours: Int32Array;
  /** Which edge it is. */
  readonly edges: Int32Array;
}

/**
 * Groups edges by node, in their own order; an edge with an end that is no node (an index of `nodeCount` or more) is
 * left out.
 *
 * @param near the node that each edge is grouped by
 * @param far the node at its other end
 */
export function groupEdges(near: Int32Array, far: Int32Array, nodeCount: number): Adjacency {
  const starts = new Int32Array(nodeCount + 1);
  forEachWhole(near, far, nodeCount, (node) => increment(starts, node + 1));
  for (let node = 0; node < nodeCount; node++) increment(starts, node + 1, starts[node]);
  const count = starts[nodeCount] ?? 0;
  const [neighbours, edges] = [new Int32Array(count), new Int32Array(count)];
  const next = starts.slice();
  forEachWhole(near, far, nodeCount, (node, neighbour, edge) => {
    const place = increment(next, node);
    neighbours[place] = neighbour;
    edges[place] = edge;
  });
  return { starts, neighbours, edges };
}

/** Adds to an item and returns what it was. */
export function increment(items: Int32Array, index: number, by = 1): number {
  const before = items[index] ?? 0;
  items[index] = before + by;
  return before;
}

function forEachWhole(
  near: Int32Array,
  far: Int32Array,
  nodeCount: number,
  visit: (near: number, far: number, edge: number) => void,
): void {
  for (let edge = 0; edge < near.length; edge++) {
    const [a, b] = [near[edge] ?? nodeCount, far[edge] ?? nodeCount];
    if (a < nodeCount && b < nodeCount) visit(a, b, edge);
  }
}
