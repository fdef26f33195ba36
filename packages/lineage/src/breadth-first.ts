import type { Adjacency } from './adjacency';

/** What a walk met. */
export interface BreadthFirstWalk {
  /** The nodes by distance, equally distant ones by index, the starts first. */
  readonly nodes: readonly number[];
  /** The edge by which each node but the starts was first met. */
  readonly via: ReadonlyMap<number, number>;
}

/** Walks from some nodes along edges, at most `depth` of them away. */
export function walkBreadthFirst(
  roots: readonly number[],
  { starts, neighbours, edges }: Adjacency,
  depth: number,
): BreadthFirstWalk {
  const via = new Map<number, number>();
  let level = [...new Set(roots)].sort((a, b) => a - b);
  const met = new Set(level);
  const nodes = [...level];
  for (let distance = 0; distance < depth && level.length > 0; distance++) {
    const next: number[] = [];
    for (const node of level) {
      for (let place = starts[node] ?? 0; place < (starts[node + 1] ?? 0); place++) {
        const neighbour = neighbours[place] ?? 0;
        if (met.has(neighbour)) continue;
        met.add(neighbour);
        via.set(neighbour, edges[place] ?? 0);
        next.push(neighbour);
      }
    }
    level = next.sort((a, b) => a - b);
    for (const node of level) nodes.push(node);
  }
  return { nodes, via };
}
