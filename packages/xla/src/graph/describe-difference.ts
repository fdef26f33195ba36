import { nodeAt, type GraphNode, type RecordedGraph } from './recorded-graph';
import type { FallbackReason } from './record-graph';

/**
 * Where two recordings of the same step part: `undefined` if they are the same graph, with the same constants. A step
 * whose two recordings differ has something in it that changes from call to call: a JavaScript number, a random one, a
 * tensor made anew from values.
 */
export function describeDifference(
  first: RecordedGraph,
  second: RecordedGraph,
): FallbackReason | undefined {
  const length = Math.max(first.nodes.length, second.nodes.length);
  for (let index = 0; index < length; index += 1) {
    const [before, after] = [first.nodes[index], second.nodes[index]];
    if (before === undefined || after === undefined || !isSame(before, after))
      return { op: userOf(first, index), message: differenceOf(before, after) };
  }
  const isSameEnd =
    JSON.stringify([first.updates, first.outputs]) ===
    JSON.stringify([second.updates, second.outputs]);
  return isSameEnd
    ? undefined
    : { op: 'step', message: 'its state or outputs change their origin from call to call' };
}

function differenceOf(before: GraphNode | undefined, after: GraphNode | undefined): string {
  if (before?.kind === 'constant' && after?.kind === 'constant')
    return (
      `a ${before.dtype} constant of shape [${String(before.shape)}] that it takes changes from call to call: ` +
      'give it to the step as an input'
    );
  return 'the operations change from call to call';
}

function isSame(before: GraphNode, after: GraphNode): boolean {
  if (before.kind === 'constant' && after.kind === 'constant')
    return (
      before.dtype === after.dtype &&
      String(before.shape) === String(after.shape) &&
      Buffer.compare(before.content, after.content) === 0
    );
  return JSON.stringify(before) === JSON.stringify(after);
}

/** The operation that takes the node's value: what a reader knows to look for. */
function userOf(graph: RecordedGraph, index: number): string {
  if (index >= graph.nodes.length) return 'step';
  const node = nodeAt(graph, index);
  if (node.kind === 'op') return node.op;
  for (const user of graph.nodes)
    if (user.kind === 'op' && user.inputs.some((input) => input.node === index)) return user.op;
  return 'step';
}
