import { describeDifference } from './describe-difference';
import type { ConstantNode, RecordedGraph } from './recorded-graph';

function constant(values: number[], shape = [values.length]): ConstantNode {
  return {
    kind: 'constant',
    dtype: 'float32',
    shape,
    content: new Uint8Array(Float32Array.from(values).buffer),
  };
}

function graphOf(node: ConstantNode, op = 'Mul'): RecordedGraph {
  const type = { dtype: 'float32', shape: node.shape };
  const inputs = [0, 1].map((index) => ({ node: index, output: 0 }));
  return {
    nodes: [
      { kind: 'input', name: 'x', ...type },
      node,
      { kind: 'op', op, attributes: [], inputs, outputs: [type] },
    ],
    updates: {},
    outputs: { y: { node: 2, output: 0 } },
  };
}

describe('describeDifference', () => {
  it('finds none between equal graphs', () => {
    expect(
      describeDifference(graphOf(constant([1, 2])), graphOf(constant([1, 2]))),
    ).toBeUndefined();
  });

  it('names the operation that takes a constant whose values change', () => {
    const difference = describeDifference(graphOf(constant([1, 2])), graphOf(constant([1, 3])));
    expect(difference?.op).toBe('Mul');
    expect(difference?.message).toContain('a float32 constant of shape [2]');
  });

  it('names an operation that changes', () => {
    expect(describeDifference(graphOf(constant([1])), graphOf(constant([1]), 'Add'))?.op).toBe(
      'Mul',
    );
  });

  it('finds a constant of another shape with the same values', () => {
    expect(
      describeDifference(graphOf(constant([1, 1])), graphOf(constant([1, 1], [1, 2]))),
    ).toBeDefined();
  });

  it('finds a node that is new, and outputs of another origin', () => {
    const graph = graphOf(constant([1]));
    const longer = { ...graph, nodes: [...graph.nodes, constant([5])] };
    expect(describeDifference(graph, longer)?.op).toBe('step');
    const other = { ...graph, outputs: { y: { node: 0, output: 0 } } };
    expect(describeDifference(graph, other)?.message).toContain('origin');
  });
});
