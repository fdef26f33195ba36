import { savedModelType } from './message-types';

/** Number of each type in `types.proto`. */
export const DATA_TYPES = {
  float32: 1,
  int32: 3,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  resource: 20,
} as const;

/** The number of TensorFlow's type for a type of TensorFlow.js. */
export function dataTypeOf(dtype: string): number {
  for (const [name, number] of Object.entries(DATA_TYPES)) if (name === dtype) return number;
  throw new RangeError(
    `Cannot encode a value: dtype must be one of ${Object.keys(DATA_TYPES).join(', ')}: current value is ${dtype}`,
  );
}

export interface ShapeMessage {
  dim?: { size: number }[];
}

export interface TensorMessage {
  dtype: number;
  shape: ShapeMessage;
  /** All elements, little-endian, or else one of the next three with the value of every element. */
  content?: Uint8Array;
  floatVal?: number[];
  intVal?: number[];
  boolVal?: boolean[];
}

export interface AttributeMessage {
  list?: { type?: number[]; i?: number[]; f?: number[]; b?: boolean[]; s?: Uint8Array[] };
  s?: Uint8Array;
  i?: number;
  f?: number;
  b?: boolean;
  type?: number;
  shape?: ShapeMessage;
  tensor?: TensorMessage;
  func?: { name: string };
}

export interface NodeMessage {
  name: string;
  op: string;
  input?: string[];
  attr?: Record<string, AttributeMessage>;
}

export interface ArgumentMessage {
  name: string;
  type: number;
}

export interface FunctionMessage {
  signature: {
    name: string;
    inputArg: ArgumentMessage[];
    outputArg: ArgumentMessage[];
    isStateful: boolean;
    controlOutput: string[];
  };
  node: NodeMessage[];
  ret: Record<string, string>;
  controlRet: Record<string, string>;
  attr: Record<string, AttributeMessage>;
}

export interface GraphMessage {
  node: NodeMessage[];
  library: { function: FunctionMessage[] };
}

/** The tag of the one graph in the file. */
export const GRAPH_TAG = 'serve';

/** The graph versions that this package's graphs are written for: those of TensorFlow 2.16, read by it and later. */
const GRAPH_VERSIONS = { producer: 1882, minConsumer: 12 };

/** The file `saved_model.pb` that holds the graph. */
export function encodeSavedModel(graph: GraphMessage): Uint8Array {
  const message = {
    savedModelSchemaVersion: 1,
    metaGraphs: [
      { metaInfo: { tags: [GRAPH_TAG] }, graph: { ...graph, versions: GRAPH_VERSIONS } },
    ],
  };
  return savedModelType.encode(message).finish();
}
