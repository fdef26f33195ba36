import {
  DATA_TYPES,
  dataTypeOf,
  type AttributeMessage,
  type FunctionMessage,
  type NodeMessage,
  type ShapeMessage,
  type TensorMessage,
} from '../protocol/saved-model';
import type { OpAttribute } from '../backend/tensorflow-backend';
import { ATTRIBUTE_KINDS } from './complete-attributes';
import { outputReference } from './op-outputs';
import {
  nodeAt,
  typeOf,
  type ConstantNode,
  type OpNode,
  type RecordedGraph,
  type Source,
} from './recorded-graph';

/** What a graph's arguments, nodes and results are called in its function. */
export interface StepNames {
  readonly name: string;
  /** Argument and result names by the step's names. */
  readonly state: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/** The message of a shape. */
export function shapeMessage(shape: readonly number[]): ShapeMessage {
  return { dim: shape.map((size) => ({ size })) };
}

/**
 * The graph as a function that XLA must compile: it takes the state's variables and the inputs, writes the updates to
 * the variables and gives back the outputs.
 */
export function stepFunctionMessage(graph: RecordedGraph, names: StepNames): FunctionMessage {
  const body = new FunctionBody(graph, names);
  for (const index of graph.nodes.keys()) body.addNode(index);
  const ret: Record<string, string> = {};
  const outputArg = Object.entries(graph.outputs).map(([output, source]) => {
    const name = nameIn(names.outputs, output);
    ret[name] = body.reference(source);
    return { name, type: dataTypeOf(typeOf(graph, source).dtype) };
  });
  const writes = Object.entries(graph.updates).map(([entry, source]) =>
    body.addWrite(entry, source),
  );
  return {
    signature: {
      name: names.name,
      inputArg: [
        ...Object.values(names.state).map((name) => ({ name, type: DATA_TYPES.resource })),
        ...argumentTypes(graph, names),
      ],
      outputArg,
      isStateful: true,
      controlOutput: writes,
    },
    node: body.nodes,
    ret,
    controlRet: Object.fromEntries(writes.map((write) => [write, write])),
    attr: { _XlaMustCompile: { b: true }, _noinline: { b: true } },
  };
}

function argumentTypes(
  graph: RecordedGraph,
  names: StepNames,
): FunctionMessage['signature']['inputArg'] {
  return graph.nodes.flatMap((node) =>
    node.kind === 'input'
      ? [{ name: nameIn(names.inputs, node.name), type: dataTypeOf(node.dtype) }]
      : [],
  );
}

function nameIn(names: Readonly<Record<string, string>>, name: string): string {
  const given = names[name];
  if (given === undefined)
    throw new RangeError(`Cannot encode a step: it must have a name for ${name}`);
  return given;
}

/** The nodes of a function, and how they refer to each other. */
class FunctionBody {
  readonly nodes: NodeMessage[] = [];
  private readonly reads = new Map<string, string>();

  constructor(
    private readonly graph: RecordedGraph,
    private readonly names: StepNames,
  ) {}

  addNode(index: number): void {
    const node = nodeAt(this.graph, index);
    const name = this.nodeName(index);
    if (node.kind === 'constant') this.nodes.push(constantMessage(name, node));
    if (node.kind === 'op') this.nodes.push(this.opMessage(name, node));
    if (node.kind === 'state') {
      this.reads.set(node.name, name);
      this.nodes.push({
        name,
        op: 'ReadVariableOp',
        input: [nameIn(this.names.state, node.name)],
        attr: { dtype: { type: dataTypeOf(node.dtype) } },
      });
    }
  }

  /** A write waits for the read of the same variable. */
  addWrite(entry: string, source: Source): string {
    const name = `write_${nameIn(this.names.state, entry)}`;
    const read = this.reads.get(entry);
    this.nodes.push({
      name,
      op: 'AssignVariableOp',
      input: [
        nameIn(this.names.state, entry),
        this.reference(source),
        ...(read === undefined ? [] : [`^${read}`]),
      ],
      attr: { dtype: { type: dataTypeOf(typeOf(this.graph, source).dtype) } },
    });
    return name;
  }

  reference({ node: index, output }: Source): string {
    const node = nodeAt(this.graph, index);
    const name = this.nodeName(index);
    if (node.kind === 'op') return outputReference(node.op, { name, index: output });
    if (node.kind === 'constant') return `${name}:output:0`;
    return node.kind === 'state' ? `${name}:value:0` : nameIn(this.names.inputs, node.name);
  }

  /** Names say the operation: TensorFlow's errors name nodes. */
  private nodeName(index: number): string {
    const node = nodeAt(this.graph, index);
    return `${node.kind === 'op' ? node.op : node.kind}_${index}`;
  }

  private opMessage(name: string, node: OpNode): NodeMessage {
    return {
      name,
      op: node.op,
      input: node.inputs.map((input) => this.reference(input)),
      attr: Object.fromEntries(
        node.attributes.map((attribute) => [attribute.name, attributeMessage(attribute)]),
      ),
    };
  }
}

function constantMessage(name: string, node: ConstantNode): NodeMessage {
  return {
    name,
    op: 'Const',
    attr: { dtype: { type: dataTypeOf(node.dtype) }, value: { tensor: tensorMessage(node) } },
  };
}

/** The message of a constant; one whose elements are all the same takes no more room than one of them. */
export function tensorMessage({ dtype, shape, content }: ConstantNode): TensorMessage {
  const message = { dtype: dataTypeOf(dtype), shape: shapeMessage(shape) };
  const width = dtype === 'bool' ? 1 : 4;
  const isUniform =
    content.length > width && content.every((byte, index) => byte === content[index % width]);
  return {
    ...message,
    ...((isUniform ? sharedElement(dtype, content) : undefined) ?? { content }),
  };
}

/** The element as a number, where that keeps its bits. */
function sharedElement(dtype: string, content: Uint8Array): Partial<TensorMessage> | undefined {
  const view = new DataView(content.buffer, content.byteOffset);
  if (dtype === 'bool') return { boolVal: [view.getUint8(0) !== 0] };
  if (dtype === 'int32') return { intVal: [view.getInt32(0, true)] };
  const value = dtype === 'float32' ? view.getFloat32(0, true) : Number.NaN;
  return Number.isNaN(value) ? undefined : { floatVal: [value] };
}

function attributeMessage({ name, type, value }: OpAttribute): AttributeMessage {
  switch (type) {
    case ATTRIBUTE_KINDS.string:
      return { s: Buffer.from(String(value)) };
    case ATTRIBUTE_KINDS.int:
      return Array.isArray(value) ? { list: { i: value.map(Number) } } : { i: Number(value) };
    case ATTRIBUTE_KINDS.float:
      return Array.isArray(value) ? { list: { f: value.map(Number) } } : { f: Number(value) };
    case ATTRIBUTE_KINDS.bool:
      return Array.isArray(value) ? { list: { b: value.map(Boolean) } } : { b: Boolean(value) };
    case ATTRIBUTE_KINDS.type:
      return { type: Number(value) };
    case ATTRIBUTE_KINDS.shape:
      return { shape: shapeMessage(Array.isArray(value) ? value.map(Number) : []) };
    default:
      throw new RangeError(
        `Cannot encode attribute ${name}: its type must be 0 to 5: current value is ${type}`,
      );
  }
}
