import {
  DATA_TYPES,
  dataTypeOf,
  type AttributeMessage,
  type GraphMessage,
  type NodeMessage,
} from '../protocol/saved-model';
import { typeOf, type RecordedGraph, type ValueType } from '../graph/recorded-graph';
import { shapeMessage, stepFunctionMessage, type StepNames } from '../graph/step-function-message';

/** The function and the call of it. */
const STEP = 'step';

/** Fetched to make the writes of the whole state happen. */
export const WRITTEN = 'written';

/** Fetched to free the memory of the whole state. */
export const FORGOTTEN = 'forgotten';

/** Fetched to make a step without outputs happen. */
export const STEPPED = 'stepped';

/** Types of the state's entries by name. */
export type StateTypes = Readonly<Record<string, ValueType>>;

/** Names that a program's graph gives to the step's values, which may have any names of their own. */
export interface ProgramNames extends StepNames {
  /** Nodes by which the whole state is read and written, by the state's names. */
  readonly reads: Readonly<Record<string, string>>;
  readonly writes: Readonly<Record<string, string>>;
}

/** Names for a graph whose state is `state`. */
export function programNames(graph: RecordedGraph, state: StateTypes): ProgramNames {
  const inputs = graph.nodes.flatMap((node) => (node.kind === 'input' ? [node.name] : []));
  const entries = Object.keys(state);
  return {
    name: STEP,
    state: numbered('variable', entries),
    inputs: numbered('input', inputs),
    outputs: numbered('output', Object.keys(graph.outputs)),
    reads: numbered('read', entries),
    writes: numbered('value', entries),
  };
}

function numbered(prefix: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, `${prefix}_${index}`]));
}

/** A session's graph: variables for the state, nodes that write, read and forget them all, and a call of the step. */
export function programMessage(
  graph: RecordedGraph,
  { state, names }: { state: StateTypes; names: ProgramNames },
): GraphMessage {
  const inputs = graph.nodes.flatMap((node) =>
    node.kind === 'input' ? [{ name: names.inputs[node.name] ?? node.name, type: node }] : [],
  );
  return {
    node: [
      ...Object.entries(state).flatMap(([entry, type]) =>
        variableNodes(type, {
          variable: names.state[entry] ?? entry,
          read: names.reads[entry] ?? entry,
          value: names.writes[entry] ?? entry,
        }),
      ),
      marker(
        WRITTEN,
        Object.values(names.writes).map((value) => `write_${value}`),
      ),
      marker(
        FORGOTTEN,
        Object.values(names.writes).map((value) => `forget_${value}`),
      ),
      marker(STEPPED, [STEP]),
      ...inputs.map(({ name, type }) => placeholder(name, type)),
      stepCall(graph, {
        names,
        inputs: inputs.map(({ name, type }) => ({ name, dtype: type.dtype })),
      }),
    ],
    library: { function: [stepFunctionMessage(graph, names)] },
  };
}

/** How an output is fetched. */
export function outputFetch(index: number): string {
  return `${STEP}:${index}`;
}

function stepCall(
  graph: RecordedGraph,
  { names, inputs }: { names: ProgramNames; inputs: readonly { name: string; dtype: string }[] },
): NodeMessage {
  const variables = Object.values(names.state);
  return {
    name: STEP,
    op: 'StatefulPartitionedCall',
    input: [...variables, ...inputs.map(({ name }) => name)],
    attr: {
      Tin: {
        list: {
          type: [
            ...variables.map(() => DATA_TYPES.resource),
            ...inputs.map(({ dtype }) => dataTypeOf(dtype)),
          ],
        },
      },
      Tout: {
        list: {
          type: Object.values(graph.outputs).map((source) =>
            dataTypeOf(typeOf(graph, source).dtype),
          ),
        },
      },
      f: { func: { name: names.name } },
      _XlaMustCompile: { b: true },
    },
  };
}

function variableNodes(
  { dtype, shape }: ValueType,
  { variable, read, value }: { variable: string; read: string; value: string },
): NodeMessage[] {
  const type: AttributeMessage = { type: dataTypeOf(dtype) };
  return [
    {
      name: variable,
      op: 'VarHandleOp',
      attr: {
        dtype: type,
        shape: { shape: shapeMessage(shape) },
        shared_name: { s: Buffer.from(variable) },
      },
    },
    { name: read, op: 'ReadVariableOp', input: [variable], attr: { dtype: type } },
    placeholder(value, { dtype, shape }),
    {
      name: `write_${value}`,
      op: 'AssignVariableOp',
      input: [variable, value],
      attr: { dtype: type },
    },
    { name: `forget_${value}`, op: 'DestroyResourceOp', input: [variable] },
  ];
}

/** A number to be fetched, after which the nodes that it waits for have run. */
function marker(name: string, waitsFor: readonly string[]): NodeMessage {
  const dtype = DATA_TYPES.int32;
  return {
    name,
    op: 'Const',
    input: waitsFor.map((node) => `^${node}`),
    attr: { dtype: { type: dtype }, value: { tensor: { dtype, shape: {}, intVal: [0] } } },
  };
}

function placeholder(name: string, { dtype, shape }: ValueType): NodeMessage {
  return {
    name,
    op: 'Placeholder',
    attr: { dtype: { type: dataTypeOf(dtype) }, shape: { shape: shapeMessage(shape) } },
  };
}
