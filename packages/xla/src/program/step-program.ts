import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import type { TensorflowBackend } from '../backend/tensorflow-backend';
import type { RecordedGraph } from '../graph/recorded-graph';
import type { Tensors } from '../graph/record-graph';
import { encodeSavedModel, GRAPH_TAG, type GraphMessage } from '../protocol/saved-model';
import {
  FORGOTTEN,
  outputFetch,
  programMessage,
  programNames,
  STEPPED,
  WRITTEN,
  type ProgramNames,
  type StateTypes,
} from './program-message';

/** A tensor for a placeholder. */
interface Feed {
  readonly node: string;
  readonly tensor: tf.Tensor;
}

/** A step loaded into TensorFlow, with variables of its own for the state. */
export class StepProgram {
  private readonly names: ProgramNames;
  private readonly outputs: readonly string[];
  private readonly session: number;

  constructor(
    private readonly backend: TensorflowBackend,
    graph: RecordedGraph,
    state: StateTypes,
  ) {
    this.names = programNames(graph, state);
    this.outputs = Object.keys(graph.outputs);
    this.session = loadGraph(backend, programMessage(graph, { state, names: this.names }));
  }

  /** Runs the step: the variables take the next state, the outputs are tensors of the caller. */
  run(inputs: Tensors): Record<string, tf.Tensor> {
    const feeds = Object.entries(this.names.inputs).map(([name, node]) => ({
      node,
      tensor: given(inputs, name),
    }));
    if (this.outputs.length === 0) {
      this.runFor(STEPPED, feeds);
      return {};
    }
    const tensors = this.runSession(
      feeds,
      this.outputs.map((_, index) => outputFetch(index)),
    );
    return Object.fromEntries(this.outputs.map((name, index) => [name, at(tensors, index)]));
  }

  /** The state as tensors of the caller; on a CPU they share the variables' memory. */
  readState(): Record<string, tf.Tensor> {
    const entries = Object.entries(this.names.reads);
    if (entries.length === 0) return {};
    const tensors = this.runSession(
      [],
      entries.map(([, node]) => `${node}:0`),
    );
    return Object.fromEntries(entries.map(([name], index) => [name, at(tensors, index)]));
  }

  /** Sets the whole state. */
  writeState(state: Tensors): void {
    this.runFor(
      WRITTEN,
      Object.entries(this.names.writes).map(([name, node]) => ({
        node,
        tensor: given(state, name),
      })),
    );
  }

  /** Frees what the state takes, until it is written again: another program has it. */
  forgetState(): void {
    this.runFor(FORGOTTEN, []);
  }

  dispose(): void {
    this.backend.deleteSavedModel(this.session);
  }

  /** Runs the nodes that `node` waits for. */
  private runFor(node: string, feeds: readonly Feed[]): void {
    for (const tensor of this.runSession(feeds, [`${node}:0`])) tensor.dispose();
  }

  private runSession(feeds: readonly Feed[], fetches: string[]): tf.Tensor[] {
    return this.backend.runSavedModel(
      this.session,
      feeds.map(({ tensor }) => tensor),
      feeds.map(({ node, tensor }) => ({
        name: `${node}:0`,
        tfDtype: `DT_${tensor.dtype.toUpperCase()}`,
      })),
      fetches,
    );
  }
}

/** The binding loads a graph from a folder alone; TensorFlow has read all of it when the call returns. */
function loadGraph(backend: TensorflowBackend, graph: GraphMessage): number {
  const folder = mkdtempSync(join(tmpdir(), 'pixelis-xla-'));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), encodeSavedModel(graph));
    return backend.loadSavedModelMetaGraph(folder, GRAPH_TAG);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function given(tensors: Tensors, name: string): tf.Tensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new TypeError(`Cannot run a step: it must be given ${name}`);
  return tensor;
}

function at(tensors: readonly tf.Tensor[], index: number): tf.Tensor {
  const tensor = tensors[index];
  if (tensor === undefined)
    throw new RangeError(
      `Cannot read a result: index must be < ${tensors.length}: current value is ${index}`,
    );
  return tensor;
}
