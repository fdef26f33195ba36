import { showVersion } from '@pixelis/artifacts';
import type { LineageEdge, LineageGraph, LineageNode } from '@pixelis/lineage';

/** Which way a tree of lineage grows, and how far. */
export interface LineageTreeOptions {
  readonly direction: 'ancestors' | 'descendants';
  /** Levels below the root. */
  readonly depth: number;
}

/**
 * A node and what it came from, or what came from it, as an indented tree. An edge that says no more than a production and
 * a use together is left out; a node that stands above already is named but not opened again.
 */
export function lineageTree(
  graph: LineageGraph,
  root: LineageNode,
  options: LineageTreeOptions,
): string {
  const shown = new Set<string>();
  const dangling = graph.edges.filter(({ from, to }) => !graph.node(from) || !graph.node(to));
  const lines = [describeNode(root)];
  addBranches(root, '', options.depth);
  return lines.join('\n');

  function addBranches(node: LineageNode, prefix: string, depth: number): void {
    shown.add(node.id);
    const branches = depth === 0 ? [] : branchesOf(graph, node, { dangling, ...options });
    branches.forEach(({ edge, end }, index) => {
      const isLast = index === branches.length - 1;
      const isOpened = end === undefined || shown.has(end.id);
      const name = end === undefined ? `${otherEnd(edge, node)} (missing)` : describeNode(end);
      const again = end !== undefined && shown.has(end.id) ? ', see above' : '';
      lines.push(`${prefix}${isLast ? '└─ ' : '├─ '}${describeEdge(edge, options)}${name}${again}`);
      if (!isOpened) addBranches(end, `${prefix}${isLast ? '   ' : '│  '}`, depth - 1);
    });
  }
}

interface Branch {
  readonly edge: LineageEdge;
  /** Undefined if the edge names a node that is not there. */
  readonly end: LineageNode | undefined;
}

function branchesOf(
  graph: LineageGraph,
  node: LineageNode,
  { direction, dangling }: LineageTreeOptions & { dangling: readonly LineageEdge[] },
): Branch[] {
  const isUp = direction === 'ancestors';
  const edges = [
    ...(isUp ? graph.edgesTo(node.id) : graph.edgesFrom(node.id)),
    ...dangling.filter(({ from, to }) => (isUp ? to : from) === node.id),
  ];
  const hasRun = edges.some(({ kind }) => kind !== 'derived');
  return edges
    .filter(({ kind }) => kind !== 'derived' || !hasRun)
    .map((edge) => ({ edge, end: graph.node(otherEnd(edge, node)) }));
}

function otherEnd({ from, to }: LineageEdge, node: LineageNode): string {
  return from === node.id ? to : from;
}

function describeEdge({ kind, role }: LineageEdge, { direction }: LineageTreeOptions): string {
  const isUp = direction === 'ancestors';
  const words = {
    produced: isUp ? 'made by' : 'made',
    used: isUp ? 'used' : 'used by',
    derived: isUp ? 'made from' : 'became',
  };
  return `${words[kind]}${role === null ? '' : ` as ${role}`} `;
}

/** A node in a few words. */
export function describeNode(node: LineageNode): string {
  if (node.kind === 'run') {
    const name = node.name === null ? '' : ` "${node.name}"`;
    return `run ${node.runId}${name} (${node.job}, ${node.status})`;
  }
  return `${node.name}:${showVersion(node.version)}${node.isExternal ? ' (external)' : ''}`;
}
