import type { OpAttribute } from '../backend/tensorflow-backend';

/** Shape and type of a value; `dtype` in TensorFlow.js's words, with `int64` and `bfloat16` besides. */
export interface ValueType {
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** Output `output` of node `node` of a graph. */
export interface Source {
  readonly node: number;
  readonly output: number;
}

/** A value that the step is given: an entry of its state, or one of its inputs. */
export interface ArgumentNode extends ValueType {
  readonly kind: 'state' | 'input';
  readonly name: string;
}

/** A value that is the same in every step. */
export interface ConstantNode extends ValueType {
  readonly kind: 'constant';
  /** The elements, little-endian. */
  readonly content: Uint8Array;
}

/** An operation that a kernel ran. */
export interface OpNode {
  readonly kind: 'op';
  readonly op: string;
  readonly attributes: readonly OpAttribute[];
  readonly inputs: readonly Source[];
  readonly outputs: readonly ValueType[];
}

export type GraphNode = ArgumentNode | ConstantNode | OpNode;

/** A step as a graph: every node after those whose values it takes. */
export interface RecordedGraph {
  readonly nodes: readonly GraphNode[];
  /** New values of the state's entries that the step changes. */
  readonly updates: Readonly<Record<string, Source>>;
  readonly outputs: Readonly<Record<string, Source>>;
}

/** Shape and type of the value that `source` names. */
export function typeOf(graph: Pick<RecordedGraph, 'nodes'>, source: Source): ValueType {
  const node = nodeAt(graph, source.node);
  const type = node.kind === 'op' ? node.outputs[source.output] : node;
  if (type === undefined)
    throw new RangeError(
      `Cannot find a value: node ${source.node} must have the output: current value is ${source.output}`,
    );
  return type;
}

/** The node with number `index`. */
export function nodeAt({ nodes }: Pick<RecordedGraph, 'nodes'>, index: number): GraphNode {
  const node = nodes[index];
  if (node === undefined)
    throw new RangeError(
      `Cannot find a node: index must be < ${nodes.length}: current value is ${index}`,
    );
  return node;
}

/** The graph without the nodes on which neither an output nor an update depends. */
export function pruneGraph(graph: RecordedGraph): RecordedGraph {
  const needed = new Set<number>();
  const open = [...Object.values(graph.updates), ...Object.values(graph.outputs)].map(
    ({ node }) => node,
  );
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (needed.has(index)) continue;
    needed.add(index);
    const node = nodeAt(graph, index);
    if (node.kind === 'op') open.push(...node.inputs.map((input) => input.node));
  }
  return rebuildGraph(graph, (node, { index, add }) => {
    return needed.has(index) ? firstOutputs(add(node), node) : [];
  });
}

/** Where a node of the old graph is rewritten: `add` appends a node, whose inputs are sources of the new graph. */
export interface NodeRewriting {
  readonly index: number;
  readonly add: (node: GraphNode) => number;
}

/**
 * Makes a graph anew, node by node: `rewrite` gets each node with its inputs already renamed, and answers what stands
 * for its outputs in the new graph.
 */
export function rebuildGraph(
  graph: RecordedGraph,
  rewrite: (node: GraphNode, rewriting: NodeRewriting) => readonly Source[],
): RecordedGraph {
  const nodes: GraphNode[] = [];
  const standsFor: (readonly Source[])[] = [];
  const renamed = ({ node, output }: Source): Source => {
    const source = standsFor[node]?.[output];
    if (source === undefined)
      throw new RangeError(`Cannot rewrite a graph: node ${node} must be kept`);
    return source;
  };
  for (const [index, node] of graph.nodes.entries()) {
    const current = node.kind === 'op' ? withInputs(node, standsFor, renamed) : node;
    standsFor.push(rewrite(current, { index, add: (added) => nodes.push(added) - 1 }));
  }
  const renameAll = (sources: RecordedGraph['outputs']): Record<string, Source> =>
    Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, renamed(source)]));
  return { nodes, updates: renameAll(graph.updates), outputs: renameAll(graph.outputs) };
}

/** The sources of all outputs of a node that stands at `index`. */
export function firstOutputs(index: number, node: GraphNode): Source[] {
  return (node.kind === 'op' ? node.outputs : [node]).map((_, output) => ({ node: index, output }));
}

/** A node that will be dropped may take inputs that were dropped already. */
function withInputs(
  node: OpNode,
  standsFor: readonly (readonly Source[])[],
  renamed: (source: Source) => Source,
): OpNode {
  const isWhole = node.inputs.every((input) => standsFor[input.node]?.[input.output] !== undefined);
  return isWhole ? { ...node, inputs: node.inputs.map(renamed) } : node;
}
