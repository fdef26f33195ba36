import { groupEdges } from './adjacency';
import type { GraphIndex } from './index-graph';
import type { LineageEdge } from './lineage-node';
import type { LineageProblem } from './lineage-problem';
import { stronglyConnectedComponents } from './strongly-connected';

/** At most this many nodes of a cycle are named in its message. */
const NAMED_NODES = 5;

/** All problems of a graph: cycles, missing nodes, differing hashes, orphans, each in the order of the graph. */
export function validateGraph(graph: GraphIndex): LineageProblem[] {
  return [...cycles(graph), ...missing(graph), ...hashMismatches(graph), ...orphans(graph)];
}

function cycles({ nodes, from, to }: GraphIndex): LineageProblem[] {
  const components = stronglyConnectedComponents(groupEdges(from, to, nodes.length));
  const loops = new Set(from.filter((node, edge) => node === to[edge]));
  return components
    .filter(([first = 0, second]) => second !== undefined || loops.has(first))
    .map((component) => {
      const ids = component.map((index) => nodes[index]?.id ?? '');
      const rest = ids.length > NAMED_NODES ? ` and ${ids.length - NAMED_NODES} more` : '';
      const message = `${ids.slice(0, NAMED_NODES).join(', ')}${rest} came of themselves: their edges form a cycle`;
      return { kind: 'cycle', severity: 'error', nodes: ids, message };
    });
}

function missing({ nodes, edges, from, to }: GraphIndex): LineageProblem[] {
  return edges.flatMap((edge, index) => {
    const ids: string[] = [];
    if ((from[index] ?? 0) >= nodes.length) ids.push(edge.from);
    if ((to[index] ?? 0) >= nodes.length && edge.to !== ids[0]) ids.push(edge.to);
    return ids.map((node): LineageProblem => {
      const message = `${node} is not there, but ${describe(edge)}`;
      return { kind: 'missing', severity: 'error', node, edge, message };
    });
  });
}

function hashMismatches({ nodes, edges, from, to }: GraphIndex): LineageProblem[] {
  return edges.flatMap((edge, index) => {
    if (edge.digest === null) return [];
    const artifact = nodes[(edge.kind === 'produced' ? to : from)[index] ?? 0];
    if (artifact?.kind !== 'artifact' || artifact.digest === edge.digest) return [];
    const { id, digest } = artifact;
    const message = `${id} is ${digest}, but was ${edge.digest} when ${describe(edge)}`;
    return [{ kind: 'hash-mismatch', severity: 'error', node: id, edge, digest, message }];
  });
}

function orphans({ nodes, from, to, edges }: GraphIndex): LineageProblem[] {
  const [hasInputs, hasOutputs] = [new Uint8Array(nodes.length), new Uint8Array(nodes.length)];
  for (let edge = 0; edge < edges.length; edge++) {
    hasOutputs[from[edge] ?? 0] = 1; // what lies beyond the nodes is dropped by the typed array
    hasInputs[to[edge] ?? 0] = 1;
  }
  return nodes.flatMap((node, index): LineageProblem[] => {
    if (hasInputs[index] === 1) return [];
    const { id } = node;
    if (node.kind === 'run') {
      const message = `run ${id} (${node.runId}) has neither inputs nor outputs`;
      return hasOutputs[index] === 1
        ? []
        : [{ kind: 'orphan', severity: 'note', node: id, message }];
    }
    const message = `nothing produced ${id}, it has no parents, and it is not marked as external`;
    return node.isExternal ? [] : [{ kind: 'orphan', severity: 'error', node: id, message }];
  });
}

function describe({ kind, from, to }: LineageEdge): string {
  if (kind === 'used') return `run ${to} used ${from}`;
  return kind === 'produced' ? `run ${from} produced ${to}` : `${to} was derived from ${from}`;
}
