import fc from 'fast-check';
import { artifact, edge } from '../test/example-graph';
import { LineageGraph } from './lineage-graph';
import type { LineageEdge } from './lineage-node';

const NODES = 9;
const nodes = Array.from({ length: NODES }, (_, index) => artifact(`a${index}`));

/** Any graph of artifacts, with edges to some that are not there. */
const graphs = fc
  .array(fc.tuple(fc.nat(NODES), fc.nat(NODES)), { maxLength: 20 })
  .map((pairs) => pairs.map(([from, to]) => edge('derived', artifact(`a${from}`), artifact(`a${to}`)))); // prettier-ignore

const ids = fc.nat(NODES - 1).map((index) => `a${index}:1.0.0`);

/** Lengths of shortest paths by Floyd and Warshall. */
function distances(edges: readonly LineageEdge[]): Map<string, Map<string, number>> {
  const known = new Map(nodes.map(({ id }) => [id, new Map([[id, 0]])]));
  for (const { from, to } of edges) if (from !== to && known.has(to)) known.get(from)?.set(to, 1);
  for (const via of known.keys()) {
    for (const row of known.values()) {
      for (const [to, rest] of known.get(via) ?? []) {
        const length = (row.get(via) ?? Infinity) + rest;
        if (length < (row.get(to) ?? Infinity)) row.set(to, length);
      }
    }
  }
  return known;
}

describe('LineageGraph', () => {
  it('descendants() and ancestors() are what some path joins, by its length', () => {
    fc.assert(
      fc.property(graphs, ids, fc.nat(4), (edges, id, depth) => {
        const graph = new LineageGraph(nodes, edges);
        const all = distances(edges);
        const after = [...(all.get(id) ?? [])].filter(([to, length]) => to !== id && length <= depth); // prettier-ignore
        after.sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
        expect(graph.descendants(id, { depth }).map((one) => one.id)).toEqual(after.map(([to]) => to)); // prettier-ignore
        const before = nodes.filter((one) => one.id !== id && all.get(one.id)?.has(id));
        expect(graph.ancestors(id).map((one) => one.id).sort()).toEqual(before.map((one) => one.id)); // prettier-ignore
      }),
    );
  });

  it('pathBetween() is as long as the shortest path, and joined by its edges', () => {
    fc.assert(
      fc.property(graphs, ids, ids, (edges, from, to) => {
        const path = new LineageGraph(nodes, edges).pathBetween(from, to);
        expect(path?.edges.length).toBe(distances(edges).get(from)?.get(to));
        if (path === null) return;
        expect(path.nodes[0]?.id).toBe(from);
        expect(path.nodes.at(-1)?.id).toBe(to);
        path.edges.forEach((one, index) => {
          expect(edges).toContainEqual(one);
          expect([one.from, one.to]).toEqual([path.nodes[index]?.id, path.nodes[index + 1]?.id]);
        });
      }),
    );
  });

  it('validate() finds the nodes that reach themselves, grouped by those that reach each other', () => {
    fc.assert(
      fc.property(graphs, (edges) => {
        const all = distances(edges);
        const cycles = new Set<string>();
        for (const { id } of nodes) {
          const others = nodes.map((one) => one.id).filter((other) => all.get(id)?.has(other) && all.get(other)?.has(id)); // prettier-ignore
          const isLoop = edges.some(({ from, to }) => from === id && to === id);
          if (others.length > 1 || isLoop) cycles.add(others.join());
        }
        const problems = new LineageGraph(nodes, edges).validate();
        const found = problems.flatMap((one) => (one.kind === 'cycle' ? [one.nodes.join()] : []));
        expect(found).toEqual([...cycles]);
      }),
    );
  });

  it('validate() counts what is missing and what is an orphan, in any order of nodes and edges', () => {
    fc.assert(
      fc.property(graphs, fc.shuffledSubarray(nodes, { minLength: NODES }), (edges, shuffled) => {
        const problems = new LineageGraph(shuffled, edges.toReversed()).validate();
        const distinct = new Set(edges.map(({ from, to }) => `${from} ${to}`));
        const missing = [...distinct].filter((text) => text.includes(`a${NODES}:`));
        expect(problems.filter(({ kind }) => kind === 'missing')).toHaveLength(missing.length);
        const orphans = nodes.filter(({ id }) => !edges.some(({ to }) => to === id));
        const found = problems.flatMap((one) => (one.kind === 'orphan' ? [one.node] : []));
        expect(found).toEqual(orphans.map(({ id }) => id));
        expect(problems).toEqual(new LineageGraph(nodes, edges).validate());
      }),
    );
  });

  it('subgraph() of all nodes is the graph, and its nodes are those that are reached', () => {
    fc.assert(
      fc.property(graphs, ids, (edges, id) => {
        const graph = new LineageGraph(nodes, edges);
        const whole = graph.subgraph(nodes.map((one) => one.id));
        const both = edges.filter(({ from, to }) => graph.node(from) ?? graph.node(to));
        expect(whole.edges).toEqual(new LineageGraph(nodes, both).edges);
        const around = new Set([id, ...[...graph.ancestors(id), ...graph.descendants(id)].map((one) => one.id)]); // prettier-ignore
        expect(graph.subgraph([id]).nodes.map((one) => one.id)).toEqual([...around].sort());
      }),
    );
  });
});
