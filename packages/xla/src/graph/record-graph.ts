import * as tf from '@tensorflow/tfjs';
import type { OpAttribute, RecordableBackend, TensorInfo } from '../backend/tensorflow-backend';
import { interceptBackend } from '../backend/intercept-backend';
import { dataTypeOf } from '../protocol/saved-model';
import { ATTRIBUTE_KINDS, completeAttributes } from './complete-attributes';
import { isKnownOp } from './op-outputs';
import {
  pruneGraph,
  type ConstantNode,
  type GraphNode,
  type RecordedGraph,
  type Source,
} from './recorded-graph';

/** Tensors by name. */
export type Tensors = Readonly<Record<string, tf.Tensor>>;

/**
 * One step: from state and inputs to the next state and outputs, made of TensorFlow.js operations alone. It must be
 * pure: it may read no tensor back, and whatever changes from step to step must come in as state or input. Entries of
 * the state that it gives back unchanged, or leaves out, are not written.
 */
export type StepFunction = (
  state: Tensors,
  inputs: Tensors,
) => { readonly state: Tensors; readonly outputs: Tensors };

/** The operation that stands in the way of a recording, and why. */
export interface FallbackReason {
  /** The TensorFlow operation or the kernel. */
  readonly op: string;
  readonly message: string;
}

/** Ends a recording that cannot be completed. */
export class UnrecordableError extends Error {
  override readonly name = 'UnrecordableError';

  constructor(readonly reason: FallbackReason) {
    super(`${reason.op}: ${reason.message}`);
  }
}

/** A graph with more is slow to load and nears the 2 GiB that a message may have. */
const MOST_CONSTANT_BYTES = 512 * 2 ** 20;

/** What a step is recorded with. */
export interface RecordOptions {
  readonly state: Tensors;
  readonly inputs: Tensors;
  readonly backend: RecordableBackend;
}

/**
 * Runs the step once, eagerly, and records the operations that its kernels run.
 *
 * @throws UnrecordableError if it does what a graph cannot hold.
 */
export function recordGraph(
  step: StepFunction,
  { state, inputs, backend }: RecordOptions,
): RecordedGraph {
  const recording = new Recording(backend);
  tf.engine().startScope('recordGraph');
  try {
    const [ownState, ownInputs] = [withOwnData(state, backend), withOwnData(inputs, backend)];
    recording.addArguments('state', ownState);
    recording.addArguments('input', ownInputs);
    const restore = interceptBackend(backend, recording);
    try {
      return recording.finish(ownState, step(ownState, ownInputs));
    } finally {
      restore();
    }
  } finally {
    tf.engine().endScope();
  }
}

/** Tensors are told apart by their data: two arguments, or a tensor that the step holds, may share them. */
function withOwnData(tensors: Tensors, backend: RecordableBackend): Record<string, tf.Tensor> {
  const owned: Record<string, tf.Tensor> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    const type = { name: 'T', type: ATTRIBUTE_KINDS.type, value: dataTypeOf(tensor.dtype) };
    owned[name] = backend.executeSingleOutput('Identity', [type], [tensor]);
  }
  return owned;
}

/**
 * The entries of the state that a step changed.
 *
 * @throws TypeError for one that the state does not have, or of another type or shape than before.
 */
export function changedState(before: Tensors, after: Tensors): Record<string, tf.Tensor> {
  const changed: Record<string, tf.Tensor> = {};
  for (const [name, tensor] of Object.entries(after)) {
    const old = before[name];
    if (old === undefined)
      throw new TypeError(
        `Cannot take a step: its state must have an entry ${name}: it has ${Object.keys(before).join(', ')}`,
      );
    const [wanted, current] = [old, tensor].map(
      ({ dtype, shape }) => `${dtype} [${String(shape)}]`,
    );
    if (wanted !== current)
      throw new TypeError(
        `Cannot take a step: state ${name} must stay ${wanted}: current value is ${current}`,
      );
    if (tensor.dataId !== old.dataId) changed[name] = tensor;
  }
  return changed;
}

/** A graph in the making: knows by their data which tensors are values of the graph. */
class Recording {
  private readonly nodes: GraphNode[] = [];
  private readonly sources = new Map<object, Source>();
  /** Values that a kernel has read and the kernel that follows must be one that only checks them. */
  private readonly readValues = new Set<object>();

  constructor(private readonly backend: RecordableBackend) {}

  addArguments(kind: 'state' | 'input', tensors: Tensors): void {
    for (const [name, { dataId, dtype, shape }] of Object.entries(tensors))
      this.sources.set(dataId, {
        node: this.nodes.push({ kind, name, dtype, shape }) - 1,
        output: 0,
      });
  }

  /** Called for each operation that a kernel has run, with what came out. */
  onOp(
    op: string,
    attributes: readonly OpAttribute[],
    inputs: readonly TensorInfo[],
    outputs: readonly TensorInfo[],
  ): void {
    this.checkReads(op, inputs);
    if (!isKnownOp(op))
      throw new UnrecordableError({
        op,
        message: 'the operation has no counterpart in a compiled graph',
      });
    const node = this.nodes.push({
      kind: 'op',
      op,
      attributes: completeAttributes(op, { attributes, inputs }),
      inputs: inputs.map((input) => this.sourceOf(input)),
      outputs: outputs.map(({ dtype, shape }) => ({ dtype, shape })),
    });
    for (const [output, { dataId }] of outputs.entries())
      this.sources.set(dataId, { node: node - 1, output });
  }

  /** Called when a kernel reads the values of a tensor. */
  onKernelRead(dataId: object): void {
    const source = this.sources.get(dataId);
    if (source !== undefined && this.nodes[source.node]?.kind !== 'constant')
      this.readValues.add(dataId);
  }

  /** Called when the step itself reads the values of a tensor. */
  onRead(dataId: object): void {
    const source = this.sources.get(dataId);
    if (source === undefined) return;
    const node = this.nodes[source.node];
    if (node === undefined || node.kind === 'constant') return;
    throw new UnrecordableError({
      op: node.kind === 'op' ? node.op : node.name,
      message: `the step reads the values of ${node.kind === 'op' ? 'its result' : `the ${node.kind}`}, which change from step to step`,
    });
  }

  finish(state: Tensors, result: ReturnType<StepFunction>): RecordedGraph {
    this.checkReads('the end of the step', []);
    const changed = changedState(state, result.state);
    const updates = Object.fromEntries(
      Object.entries(changed).map(([name, tensor]) => [name, this.sourceOf(tensor)]),
    );
    const outputs = Object.fromEntries(
      Object.entries(result.outputs).map(([name, tensor]) => [name, this.sourceOf(tensor)]),
    );
    const graph = pruneGraph({ nodes: this.nodes, updates, outputs });
    checkSize(graph);
    return graph;
  }

  /** GatherV2 reads its indices to check them before it runs; whoever else reads computes with what he read. */
  private checkReads(op: string, inputs: readonly TensorInfo[]): void {
    if (this.readValues.size === 0) return;
    const isOnlyChecked =
      op === 'GatherV2' &&
      this.readValues.size === 1 &&
      inputs[1] !== undefined &&
      this.readValues.has(inputs[1].dataId);
    this.readValues.clear();
    if (!isOnlyChecked)
      throw new UnrecordableError({
        op,
        message: 'a kernel before it reads values that change from step to step',
      });
  }

  private sourceOf(tensor: TensorInfo): Source {
    const known = this.sources.get(tensor.dataId);
    if (known !== undefined) return known;
    const source = { node: this.nodes.push(constantOf(tensor, this.backend)) - 1, output: 0 };
    if (!isWideScalar(tensor)) this.sources.set(tensor.dataId, source);
    return source;
  }
}

function checkSize({ nodes }: RecordedGraph): void {
  let bytes = 0;
  for (const node of nodes) if (node.kind === 'constant') bytes += node.content.length;
  if (bytes > MOST_CONSTANT_BYTES)
    throw new UnrecordableError({
      op: 'Const',
      message: `the step takes ${Math.round(bytes / 2 ** 20)} MiB of tensors that are neither state nor inputs: give frozen weights to it as state`,
    });
}

/** A scalar of 64 bits, which tfjs-node hands over as two words of 32 bits instead of a tensor. */
interface WideScalar {
  readonly valueArray: Int32Array;
}

function isWideScalar(tensor: object): tensor is WideScalar {
  return 'valueArray' in tensor && ArrayBuffer.isView(tensor.valueArray);
}

function constantOf(tensor: TensorInfo, backend: RecordableBackend): ConstantNode {
  if (tensor.dtype === 'string' || tensor.dtype === 'complex64')
    throw new UnrecordableError({
      op: 'Const',
      message: `a compiled graph holds no values of type ${tensor.dtype}`,
    });
  const values = isWideScalar(tensor) ? tensor.valueArray : backend.readSync(tensor.dataId);
  const content = new Uint8Array(values.byteLength);
  content.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return { kind: 'constant', dtype: tensor.dtype, shape: [...tensor.shape], content };
}
