import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { OpAttribute, TensorflowBackend, TensorInfo } from '../src/backend/tensorflow-backend';
import { savedModelType } from '../src/protocol/message-types';
import {
  DATA_TYPES,
  type GraphMessage,
  type NodeMessage,
  type TensorMessage,
} from '../src/protocol/saved-model';

/** What a node of the fake computes with: float32 and int32 values alike. */
interface Value {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly data: readonly number[];
}

type Kernel = (inputs: readonly Value[]) => Value;

/** The decoded file, as far as the fake needs it. */
interface SavedModelMessage {
  readonly metaGraphs?: readonly { readonly graph?: GraphMessage }[];
}

interface Session {
  readonly graph: GraphMessage;
  readonly variables: Map<string, Value>;
}

/** Operations of the fake: elementwise, with scalars that fit any shape. */
const KERNELS: Readonly<Record<string, Kernel>> = {
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  Maximum: elementwise(Math.max),
  Neg: elementwise((a) => -a),
  Square: elementwise((a) => a * a),
  GatherV2: ([table, indices]) => ({
    ...present(table),
    shape: present(indices).shape,
    data: present(indices).data.map((index) => present(table).data[index] ?? Number.NaN),
  }),
  Cast: ([value]) => present(value),
  Identity: ([value]) => present(value),
};

/** Operations that the fake runs eagerly alone. */
const EAGER_KERNELS: Readonly<Record<string, Kernel>> = {
  ...KERNELS,
  Erf: elementwise(Math.abs),
  Where: KERNELS.Neg ?? fail,
};

/** Stands for the native backend: runs a few operations, and the graphs that it is given. */
export class FakeTensorflow implements TensorflowBackend {
  /** Operations that were run eagerly. */
  readonly executed: string[] = [];
  private readonly sessions = new Map<number, Session>();
  private loaded = 0;

  get openSessions(): number {
    return this.sessions.size;
  }

  /** Variables that have a value, in all sessions. */
  get heldVariables(): number {
    return [...this.sessions.values()].reduce((sum, { variables }) => sum + variables.size, 0);
  }

  executeSingleOutput(name: string, _attributes: OpAttribute[], inputs: TensorInfo[]): tf.Tensor {
    this.executed.push(name);
    if (name === 'GatherV2' && inputs[1] !== undefined) this.readSync(inputs[1].dataId);
    return toTensor((EAGER_KERNELS[name] ?? fail)(inputs.map(valueOfInfo)));
  }

  executeMultipleOutputs(
    name: string,
    attributes: OpAttribute[],
    inputs: TensorInfo[],
  ): tf.Tensor[] {
    return [this.executeSingleOutput(name, attributes, inputs)];
  }

  readSync(dataId: object): Float32Array {
    return valuesOf(dataId);
  }

  loadSavedModelMetaGraph(path: string): number {
    const file = savedModelType.decode(readFileSync(join(path, 'saved_model.pb')));
    const message: SavedModelMessage = savedModelType.toObject(file, {
      longs: Number,
      arrays: true,
    });
    const graph = present(message.metaGraphs?.[0]?.graph);
    this.loaded += 1;
    this.sessions.set(this.loaded, { graph, variables: new Map() });
    return this.loaded;
  }

  deleteSavedModel(id: number): void {
    this.sessions.delete(id);
  }

  runSavedModel(
    id: number,
    inputs: tf.Tensor[],
    inputNames: { name: string }[],
    outputNames: string[],
  ): tf.Tensor[] {
    const session = this.sessions.get(id);
    if (session === undefined)
      throw new RangeError(`Cannot run a session: it must be open: current value is ${id}`);
    const fed = new Map(
      inputs.map((tensor, index) => [
        inputNames[index]?.name.replace(/:0$/, '') ?? '',
        valueOfTensor(tensor),
      ]),
    );
    const run = new SessionRun(session, fed);
    return outputNames.map((name) => toTensor(run.fetch(name)));
  }
}

/** One run of a session's graph: nodes run once, when they are needed. */
class SessionRun {
  private readonly results = new Map<string, readonly Value[]>();

  constructor(
    private readonly session: Session,
    private readonly fed: ReadonlyMap<string, Value>,
  ) {}

  fetch(reference: string): Value {
    const [name = '', index = '0'] = reference.replace('^', '').split(':');
    return present(this.run(name)[Number(index)]);
  }

  private run(name: string): readonly Value[] {
    const known = this.results.get(name);
    if (known !== undefined) return known;
    const node = present(this.session.graph.node.find((candidate) => candidate.name === name));
    const results = this.compute(node);
    this.results.set(name, results);
    return results;
  }

  private compute(node: NodeMessage): readonly Value[] {
    const inputs = node.input ?? [];
    for (const control of inputs) if (control.startsWith('^')) this.run(control.slice(1));
    const [first = '', second = ''] = inputs;
    if (node.op === 'Placeholder') return [present(this.fed.get(node.name))];
    if (node.op === 'Const') return [constantValue(node.attr?.value?.tensor)];
    if (node.op === 'ReadVariableOp') return [present(this.session.variables.get(first))];
    if (node.op === 'StatefulPartitionedCall') return this.call(node);
    if (node.op === 'DestroyResourceOp') {
      this.session.variables.delete(first);
      return [];
    }
    if (node.op !== 'AssignVariableOp') throw new RangeError(`Cannot run ${node.op} in a graph`);
    this.session.variables.set(first, this.fetch(second));
    return [this.fetch(second)];
  }

  /** Runs the function's nodes in their order; a value is called `node:output:index` or by its argument. */
  private call(node: NodeMessage): readonly Value[] {
    const [step] = this.session.graph.library.function;
    const { signature, node: nodes, ret } = present(step);
    const values = new Map<string, Value>();
    const variables = new Map<string, string>();
    for (const [index, { name, type }] of signature.inputArg.entries()) {
      const argument = present(node.input?.[index]);
      if (type === DATA_TYPES.resource) variables.set(name, argument);
      else values.set(name, this.fetch(argument));
    }
    const writes: (readonly [string, Value])[] = [];
    for (const { name, op, input = [], attr } of nodes) {
      const value = (reference = ''): Value =>
        present(values.get(reference.replace(/:[a-z]+:0$/, '')));
      if (op === 'Const') values.set(name, constantValue(attr?.value?.tensor));
      else if (op === 'ReadVariableOp')
        values.set(
          name,
          present(this.session.variables.get(present(variables.get(input[0] ?? '')))),
        );
      else if (op === 'AssignVariableOp')
        writes.push([present(variables.get(input[0] ?? '')), value(input[1])]);
      else values.set(name, unsupportedUnlessKnown(op, name)(input.map(value)));
    }
    for (const [variable, value] of writes) this.session.variables.set(variable, value);
    return signature.outputArg.map(({ name }) =>
      present(values.get((ret[name] ?? '').replace(/:[a-z]+:0$/, ''))),
    );
  }
}

function unsupportedUnlessKnown(op: string, name: string): Kernel {
  const kernel = KERNELS[op];
  if (kernel === undefined)
    throw new Error(`Session fail to run with error: unsupported [[{{node ${name}}}]]`);
  return kernel;
}

function elementwise(compute: (a: number, b: number) => number): Kernel {
  return (inputs) => {
    const values = inputs.map(present);
    const [a, b = a] = values;
    const shaped = present(values.find(({ data }) => data.length > 1) ?? a);
    const at = (value: Value | undefined, index: number): number => {
      const { data } = present(value);
      return present(data[data.length === 1 ? 0 : index]);
    };
    const { dtype } = present(a);
    return {
      shape: shaped.shape,
      dtype,
      data: shaped.data.map((_, index) => Math.fround(compute(at(a, index), at(b, index)))),
    };
  };
}

function constantValue(tensor: TensorMessage | undefined): Value {
  const { dtype, shape, content, floatVal, intVal, boolVal } = present(tensor);
  const sizes = (shape.dim ?? []).map(({ size }) => size);
  const name = Object.entries(DATA_TYPES).find(([, number]) => number === dtype)?.[0] ?? '';
  const [same] = [...(floatVal ?? []), ...(intVal ?? []), ...(boolVal ?? []).map(Number)];
  const size = sizes.reduce((product, length) => product * length, 1);
  const data =
    same === undefined
      ? numbersIn(name, content ?? new Uint8Array())
      : Array.from({ length: size }, () => same);
  return { shape: sizes, dtype: name, data };
}

function numbersIn(dtype: string, content: Uint8Array): number[] {
  const { buffer } = Uint8Array.from(content);
  if (dtype === 'bool') return [...content];
  return dtype === 'int32' ? [...new Int32Array(buffer)] : [...new Float32Array(buffer)];
}

function valueOfInfo({ shape, dtype, dataId }: TensorInfo): Value {
  return { shape, dtype, data: [...valuesOf(dataId)] };
}

/** The values as TensorFlow.js's own backend holds them. */
function valuesOf(dataId: object): Float32Array {
  const backend: unknown = tf.backend();
  if (!isReadable(backend)) throw new TypeError('Cannot read: the backend must have readSync');
  const values = backend.readSync(dataId);
  if (!isFloats(values)) throw new TypeError('Cannot read: values must be a typed array');
  return values;
}

function valueOfTensor(tensor: tf.Tensor): Value {
  return { shape: tensor.shape, dtype: tensor.dtype, data: [...tensor.dataSync()] };
}

function toTensor({ data, shape, dtype }: Value): tf.Tensor {
  return tf.tensor([...data], [...shape], dtype === 'int32' ? 'int32' : 'float32');
}

function isReadable(backend: unknown): backend is { readSync: (dataId: object) => unknown } {
  return (
    typeof backend === 'object' &&
    backend !== null &&
    'readSync' in backend &&
    typeof backend.readSync === 'function'
  );
}

function isFloats(values: unknown): values is Float32Array {
  return ArrayBuffer.isView(values);
}

function fail(): never {
  throw new RangeError('Cannot run: the fake must have a kernel for it');
}

function present<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new TypeError('Cannot go on: a part of the graph is missing');
  return thing;
}
