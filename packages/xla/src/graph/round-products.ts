import { DATA_TYPES } from '../protocol/saved-model';
import { ATTRIBUTE_KINDS } from './complete-attributes';
import {
  firstOutputs,
  nodeAt,
  rebuildGraph,
  typeOf,
  type NodeRewriting,
  type OpNode,
  type RecordedGraph,
  type Source,
} from './recorded-graph';

/** Operations made of products, and the attribute that holds the type of their factors and result. */
const PRODUCTS: ReadonlySet<string> = new Set([
  'BatchMatMulV2',
  'Conv2D',
  'Conv2DBackpropFilter',
  'Conv2DBackpropInput',
  'MatMul',
]);

/** The graph with the factors of its matrix products and convolutions rounded to bfloat16, all else in float32. */
export function roundProducts(graph: RecordedGraph): RecordedGraph {
  return rebuildGraph(graph, (node, rewriting) => {
    const isRounded =
      node.kind === 'op' && PRODUCTS.has(node.op) && node.outputs[0]?.dtype === 'float32';
    return isRounded
      ? roundProduct(node, { graph, rewriting })
      : firstOutputs(rewriting.add(node), node);
  });
}

function roundProduct(
  node: OpNode,
  { graph, rewriting }: { graph: RecordedGraph; rewriting: NodeRewriting },
): Source[] {
  const recorded = nodeAt(graph, rewriting.index);
  const types = recorded.kind === 'op' ? recorded.inputs.map((input) => typeOf(graph, input)) : [];
  const inputs = node.inputs.map((input, index) => {
    const type = types[index];
    if (type?.dtype !== 'float32') return input;
    return {
      node: rewriting.add(cast(input, { dtype: 'float32', shape: type.shape, to: 'bfloat16' })),
      output: 0,
    };
  });
  const product = rewriting.add({
    ...node,
    inputs,
    attributes: node.attributes.map((attribute) =>
      attribute.type === ATTRIBUTE_KINDS.type && attribute.value === DATA_TYPES.float32
        ? { ...attribute, value: DATA_TYPES.bfloat16 }
        : attribute,
    ),
    outputs: node.outputs.map(({ shape }) => ({ dtype: 'bfloat16', shape })),
  });
  return node.outputs.map(({ shape }, output) => ({
    node: rewriting.add(
      cast({ node: product, output }, { dtype: 'bfloat16', shape, to: 'float32' }),
    ),
    output: 0,
  }));
}

function cast(
  source: Source,
  {
    dtype,
    shape,
    to,
  }: { dtype: 'float32' | 'bfloat16'; shape: readonly number[]; to: 'float32' | 'bfloat16' },
): OpNode {
  return {
    kind: 'op',
    op: 'Cast',
    attributes: [
      { name: 'SrcT', type: ATTRIBUTE_KINDS.type, value: DATA_TYPES[dtype] },
      { name: 'DstT', type: ATTRIBUTE_KINDS.type, value: DATA_TYPES[to] },
    ],
    inputs: [source],
    outputs: [{ dtype: to, shape }],
  };
}
