import { increment, type Adjacency } from './adjacency';

/**
 * The strongly connected components of a graph (Tarjan, "Depth-first search and linear graph algorithms", 1972, with a
 * stack of its own in place of recursion): lists of node indexes, each in ascending order, by their first node.
 */
export function stronglyConnectedComponents({ starts, neighbours }: Adjacency): number[][] {
  const nodeCount = starts.length - 1;
  const order = new Int32Array(nodeCount); // 1, 2, … as nodes are met; 0: not met
  const low = new Int32Array(nodeCount);
  const next = starts.slice(0, nodeCount); // the edge to follow next
  const isOpen = new Uint8Array(nodeCount); // on `open`
  const open: number[] = [];
  const path: number[] = [];
  const components: number[][] = [];
  let met = 0;

  function enter(node: number): void {
    met++;
    order[node] = low[node] = met;
    isOpen[node] = 1;
    open.push(node);
    path.push(node);
  }

  function lower(node: number, value: number): void {
    if (value < (low[node] ?? 0)) low[node] = value;
  }

  function leave(node: number): void {
    path.pop();
    const parent = path.at(-1);
    if (parent !== undefined) lower(parent, low[node] ?? 0);
    if (low[node] !== order[node]) return;
    const component = open.splice(open.lastIndexOf(node));
    for (const member of component) isOpen[member] = 0;
    components.push(component.sort((a, b) => a - b));
  }

  for (let root = 0; root < nodeCount; root++) {
    if (order[root] === 0) enter(root);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const edge = increment(next, node);
      if (edge >= (starts[node + 1] ?? 0)) {
        leave(node);
        continue;
      }
      const neighbour = neighbours[edge] ?? 0;
      if (order[neighbour] === 0) enter(neighbour);
      else if (isOpen[neighbour] === 1) lower(node, order[neighbour] ?? 0);
    }
  }
  return components.sort(([a = 0], [b = 0]) => a - b);
}
