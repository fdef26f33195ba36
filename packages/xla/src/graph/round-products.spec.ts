import { DATA_TYPES } from '../protocol/saved-model';
import { ATTRIBUTE_KINDS } from './complete-attributes';
import { typeOf, type OpNode, type RecordedGraph } from './recorded-graph';
import { roundProducts } from './round-products';

const FLOATS = { dtype: 'float32', shape: [2, 2] };

function op(name: string, inputs: number[], type: number = DATA_TYPES.float32): OpNode {
  return {
    kind: 'op',
    op: name,
    attributes: [
      { name: 'T', type: ATTRIBUTE_KINDS.type, value: type },
      { name: 'adj_x', type: ATTRIBUTE_KINDS.bool, value: true },
    ],
    inputs: inputs.map((node) => ({ node, output: 0 })),
    outputs: [FLOATS],
  };
}

function describeNodes({ nodes }: RecordedGraph): string[] {
  return nodes.map((node) =>
    node.kind === 'op'
      ? `${node.op}(${node.inputs.map(({ node: index }) => index).join()})`
      : node.kind,
  );
}

describe('roundProducts', () => {
  const graph: RecordedGraph = {
    nodes: [
      { kind: 'state', name: 'w', ...FLOATS },
      { kind: 'input', name: 'x', ...FLOATS },
      op('BatchMatMulV2', [1, 0]),
      op('Add', [2, 0]),
    ],
    updates: {},
    outputs: { y: { node: 3, output: 0 } },
  };

  it('puts casts around a product, and around nothing else', () => {
    const rounded = roundProducts(graph);
    expect(describeNodes(rounded)).toEqual([
      'state',
      'input',
      'Cast(1)',
      'Cast(0)',
      'BatchMatMulV2(2,3)',
      'Cast(4)',
      'Add(5,0)',
    ]);
    expect(rounded.outputs).toEqual({ y: { node: 6, output: 0 } });
    expect(typeOf(rounded, { node: 4, output: 0 }).dtype).toBe('bfloat16');
    expect(typeOf(rounded, { node: 5, output: 0 }).dtype).toBe('float32');
  });

  it('gives the product the type bfloat16 and leaves its other attributes', () => {
    const product = roundProducts(graph).nodes[4];
    expect(product?.kind === 'op' && product.attributes.map(({ value }) => value)).toEqual([
      DATA_TYPES.bfloat16,
      true,
    ]);
  });

  it('leaves factors that are no floats, such as the sizes of a convolution gradient', () => {
    const sizes = { kind: 'input', name: 'sizes', dtype: 'int32', shape: [4] } as const;
    const rounded = roundProducts({
      ...graph,
      nodes: [sizes, ...graph.nodes.slice(0, 1), op('Conv2DBackpropInput', [0, 1, 1])],
      outputs: { y: { node: 2, output: 0 } },
    });
    expect(describeNodes(rounded)).toEqual([
      'input',
      'state',
      'Cast(1)',
      'Cast(1)',
      'Conv2DBackpropInput(0,2,3)',
      'Cast(4)',
    ]);
  });

  it('leaves products of integers', () => {
    const integers = {
      ...op('BatchMatMulV2', [0, 0], DATA_TYPES.int32),
      outputs: [{ dtype: 'int32', shape: [2, 2] }],
    };
    const nodes = [{ kind: 'input', name: 'x', dtype: 'int32', shape: [2, 2] } as const, integers];
    const whole = { nodes, updates: {}, outputs: { y: { node: 1, output: 0 } } };
    expect(roundProducts(whole)).toEqual(whole);
  });
});
