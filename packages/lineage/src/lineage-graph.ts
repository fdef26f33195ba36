import { nearestName, UsageError } from '@pixelis/core';
import { groupEdges, type Adjacency } from './adjacency';
import { walkBreadthFirst, type BreadthFirstWalk } from './breadth-first';
import { indexGraph, type GraphIndex } from './index-graph';
import type { LineageEdge, LineageNode } from './lineage-node';
import type { LineageProblem } from './lineage-problem';
import { validateGraph } from './validate-graph';

/** How far to look. */
export interface LineageDepthOptions {
  /** At most this many edges away, from 0. @default {Infinity} */
  depth?: number;
}

/** What {@link LineageGraph.subgraph} takes in. */
export interface LineageSubgraphOptions extends LineageDepthOptions {
  /** Which way to look. @default {'both'} */
  direction?: 'ancestors' | 'descendants' | 'both';
}

/** A way through the graph: `edges[i]` leads from `nodes[i]` to `nodes[i + 1]`. */
export interface LineagePath {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
}

/**
 * What came from what: runs and artifacts, joined by use, production and derivation. Immutable. The order in which nodes
 * and edges are given makes no difference, and an edge that is given twice counts once. An edge may name a node that is
 * not there; {@link LineageGraph.validate} tells, and no other method follows it.
 */
export class LineageGraph {
  readonly #index: GraphIndex;
  #forward: Adjacency | undefined;
  #backward: Adjacency | undefined;

  /** @throws {RangeError} If two nodes have one id, or an edge leads between the wrong kinds of nodes. */
  constructor(nodes: Iterable<LineageNode>, edges: Iterable<LineageEdge>) {
    this.#index = indexGraph(nodes, edges);
  }

  /** By id. */
  get nodes(): readonly LineageNode[] {
    return this.#index.nodes;
  }

  /** By the ids of their ends. */
  get edges(): readonly LineageEdge[] {
    return this.#index.edges;
  }

  node(id: string): LineageNode | undefined {
    const index = this.#index.indexes.get(id);
    return index === undefined ? undefined : this.#index.nodes[index];
  }

  /** The edges that lead to a node: what a run used, or what produced an artifact and what it was derived from. */
  edgesTo(id: string): readonly LineageEdge[] {
    return this.#edgesAround(id, this.#incoming());
  }

  /** The edges that leave a node. */
  edgesFrom(id: string): readonly LineageEdge[] {
    return this.#edgesAround(id, this.#outgoing());
  }

  /**
   * Everything that a node came from, without itself: the nearest first, equally near ones by id.
   *
   * @throws {UsageError} `LINEAGE_NODE_UNKNOWN`
   */
  ancestors(id: string, options: LineageDepthOptions = {}): readonly LineageNode[] {
    return this.#nodesAt(this.#walk([id], this.#incoming(), options).nodes.slice(1));
  }

  /**
   * Everything that came from a node, in the order of {@link LineageGraph.ancestors}.
   *
   * @throws {UsageError} `LINEAGE_NODE_UNKNOWN`
   */
  descendants(id: string, options: LineageDepthOptions = {}): readonly LineageNode[] {
    return this.#nodesAt(this.#walk([id], this.#outgoing(), options).nodes.slice(1));
  }

  /**
   * A shortest way that data took from one node to another; null if none did.
   *
   * @throws {UsageError} `LINEAGE_NODE_UNKNOWN`
   */
  pathBetween(from: string, to: string): LineagePath | null {
    const [start, end] = [this.#indexOf(from), this.#indexOf(to)];
    const { via } = this.#walk([from], this.#outgoing());
    const edges: number[] = [];
    for (let node = end; node !== start;) {
      const edge = via.get(node);
      if (edge === undefined) return null;
      edges.push(edge);
      node = this.#index.from[edge] ?? start;
    }
    edges.reverse();
    const nodes = [start, ...edges.map((edge) => this.#index.to[edge] ?? end)];
    return { nodes: this.#nodesAt(nodes), edges: this.#edgesAt(edges) };
  }

  /**
   * The nodes that are named, those that they came from and that came from them, and the edges between all of these,
   * with their edges to nodes that are not there. What is cut off at a depth may look like an orphan.
   *
   * @throws {UsageError} `LINEAGE_NODE_UNKNOWN`
   */
  subgraph(ids: readonly string[], options: LineageSubgraphOptions = {}): LineageGraph {
    const { direction = 'both' } = options;
    const { nodes, edges, from, to } = this.#index;
    const ways: Adjacency[] = [];
    if (direction !== 'descendants') ways.push(this.#incoming());
    if (direction !== 'ancestors') ways.push(this.#outgoing());
    const kept = new Set(ways.flatMap((way) => this.#walk(ids, way, options).nodes));
    function isKept(node: number): boolean {
      return kept.has(node) || node >= nodes.length;
    }
    const inside = edges.filter((_, edge) => {
      const [a, b] = [from[edge] ?? 0, to[edge] ?? 0];
      return isKept(a) && isKept(b) && (kept.has(a) || kept.has(b));
    });
    return new LineageGraph(this.#nodesAt([...kept]), inside);
  }

  /** Every problem: cycles, missing nodes, differing hashes, orphans, each kind in the order of the graph. Empty if none. */
  validate(): LineageProblem[] {
    return validateGraph(this.#index);
  }

  #walk(
    ids: readonly string[],
    adjacency: Adjacency,
    { depth = Infinity }: LineageDepthOptions = {},
  ): BreadthFirstWalk {
    if (!(depth >= 0))
      throw new RangeError(`Cannot walk through a lineage: depth must be >= 0: current value is ${depth}`); // prettier-ignore
    const roots = ids.map((id) => this.#indexOf(id));
    return walkBreadthFirst(roots, adjacency, depth);
  }

  #indexOf(id: string): number {
    const { indexes } = this.#index;
    const index = indexes.get(id);
    if (index !== undefined) return index;
    const nearest = nearestName(id, indexes.keys());
    throw new UsageError(`the lineage has no node "${id}"`, {
      code: 'LINEAGE_NODE_UNKNOWN',
      remedy:
        nearest === undefined
          ? 'name an artifact as name:version, or a run by its UUID'
          : `did you mean "${nearest}"?`,
    });
  }

  #outgoing(): Adjacency {
    const { from, to, nodes } = this.#index;
    this.#forward ??= groupEdges(from, to, nodes.length);
    return this.#forward;
  }

  #incoming(): Adjacency {
    const { from, to, nodes } = this.#index;
    this.#backward ??= groupEdges(to, from, nodes.length);
    return this.#backward;
  }

  #edgesAround(id: string, { starts, edges }: Adjacency): readonly LineageEdge[] {
    const node = this.#indexOf(id);
    return this.#edgesAt([...edges.subarray(starts[node], starts[node + 1])]);
  }

  #nodesAt(indexes: readonly number[]): readonly LineageNode[] {
    return indexes.flatMap((index) => this.#index.nodes[index] ?? []);
  }

  #edgesAt(indexes: readonly number[]): readonly LineageEdge[] {
    return indexes.flatMap((index) => this.#index.edges[index] ?? []);
  }
}
