import { isSystemError } from '@pixelis/core';
import * as tf from '@tensorflow/tfjs';
import type { TensorflowBackend } from './backend/tensorflow-backend';
import type { CompiledStep, CompileOptions, HostValues } from './compile-step';
import { describeDifference } from './graph/describe-difference';
import {
  changedState,
  recordGraph,
  UnrecordableError,
  type FallbackReason,
  type StepFunction,
  type Tensors,
} from './graph/record-graph';
import type { RecordedGraph, ValueType } from './graph/recorded-graph';
import { roundProducts } from './graph/round-products';
import { StepProgram } from './program/step-program';

/** A step with a program for every kind of inputs that it has met; the program that ran last holds the state. */
export class RecompilingStep implements CompiledStep {
  private readonly types: Record<string, ValueType>;
  private readonly programs = new Map<string, StepProgram>();
  private holder: StepProgram | undefined;
  /** The state while no program holds it. */
  private tensors: Record<string, tf.Tensor>;
  private reason: FallbackReason | undefined;
  private compiled = 0;
  private isDisposed = false;

  constructor(
    private readonly step: StepFunction,
    private readonly options: CompileOptions & { readonly backend: TensorflowBackend },
  ) {
    this.types = stateTypes(options.state);
    this.tensors = mapTensors(options.state, (tensor) => tf.keep(tensor.clone()));
  }

  get fallback(): FallbackReason | undefined {
    return this.reason;
  }

  get compilations(): number {
    return this.compiled;
  }

  run(inputs: Tensors): Record<string, tf.Tensor> {
    if (this.isDisposed) throw new TypeError('Cannot run a step: it must not be disposed of');
    if (this.reason !== undefined) return this.runEagerly(inputs);
    const key = signatureOf(inputs);
    const program = this.programs.get(key);
    if (program !== undefined) {
      this.moveStateTo(program);
      return program.run(inputs);
    }
    return this.runFirst(key, inputs);
  }

  async readState(names?: readonly string[]): Promise<Record<string, HostValues>> {
    const state = this.readTensors(names);
    // The backend copies the numbers when it is asked, so a step may run while the promises settle.
    const reads = Object.entries(state).map(
      async ([name, tensor]): Promise<[string, HostValues]> => {
        const shape = [...tensor.shape];
        const data = tensor.dtype === 'int32' ? tensor.data<'int32'>() : tensor.data<'float32'>();
        return [name, { shape, data: await data }];
      },
    );
    disposeAll(state);
    return Object.fromEntries(await Promise.all(reads));
  }

  readTensors(names: readonly string[] = Object.keys(this.types)): Record<string, tf.Tensor> {
    for (const name of names) requireEntry(this.types, { name, action: 'read' });
    const state = this.borrowState();
    const chosen = Object.fromEntries(
      names.flatMap((name) => {
        const tensor = state[name];
        return tensor === undefined ? [] : [[name, tf.keep(tensor.clone())]];
      }),
    );
    this.giveBack(state);
    return chosen;
  }

  writeState(values: Readonly<Record<string, HostValues>>): void {
    for (const [name, value] of Object.entries(values)) checkEntry(this.types, { name, value });
    this.takeState();
    for (const [name, { data }] of Object.entries(values)) {
      const before = this.tensors[name];
      if (before === undefined) continue;
      this.tensors[name] = tf.keep(tf.tensor(data.slice(), before.shape, before.dtype));
      before.dispose();
    }
  }

  dispose(): void {
    this.isDisposed = true;
    disposeAll(this.tensors);
    this.tensors = {};
    this.holder = undefined;
    for (const program of this.programs.values()) program.dispose();
    this.programs.clear();
  }

  /** XLA compiles when a program runs for the first time; it writes nothing if it cannot. */
  private runFirst(key: string, inputs: Tensors): Record<string, tf.Tensor> {
    const graph = this.record(inputs);
    if (graph === undefined) return this.runEagerly(inputs);
    try {
      const program = new StepProgram(this.options.backend, graph, this.types);
      this.programs.set(key, program);
      this.moveStateTo(program);
      const outputs = program.run(inputs);
      this.compiled += 1;
      return outputs;
    } catch (error) {
      if (isSystemError(error)) throw error;
      this.fallBack(compilationFailure(error));
      return this.runEagerly(inputs);
    }
  }

  /** Records twice: what differs between the recordings would be frozen in the graph. */
  private record(inputs: Tensors): RecordedGraph | undefined {
    const state = this.borrowState();
    try {
      const options = { state, inputs, backend: this.options.backend };
      const graph = recordGraph(this.step, options);
      const difference = describeDifference(graph, recordGraph(this.step, options));
      if (difference !== undefined) throw new UnrecordableError(difference);
      return this.options.precision === 'bf16' ? roundProducts(graph) : graph;
    } catch (error) {
      if (!(error instanceof UnrecordableError)) throw error;
      this.fallBack(error.reason);
      return undefined;
    } finally {
      this.giveBack(state);
    }
  }

  private fallBack(reason: FallbackReason): void {
    this.takeState();
    for (const program of this.programs.values()) program.dispose();
    this.programs.clear();
    this.reason = reason;
    this.options.onFallback?.(reason);
  }

  private runEagerly(inputs: Tensors): Record<string, tf.Tensor> {
    const before = this.tensors;
    const { state, outputs } = tf.tidy(() => {
      const result = this.step(before, inputs);
      const changed = changedState(before, result.state);
      return {
        state: mapTensors(changed, (tensor) => tensor.clone()),
        outputs: mapTensors(result.outputs, (tensor) => tensor.clone()),
      };
    });
    this.tensors = { ...before, ...mapTensors(state, (tensor) => tf.keep(tensor)) };
    for (const name of Object.keys(state)) before[name]?.dispose();
    return outputs;
  }

  private moveStateTo(program: StepProgram): void {
    if (this.holder === program) return;
    const state = this.borrowState();
    try {
      program.writeState(state);
    } catch (error) {
      this.giveBack(state);
      throw error;
    }
    disposeAll(state);
    // Else every program would keep a copy of the state that it last held.
    this.holder?.forgetState();
    this.tensors = {};
    this.holder = program;
  }

  /** The state as tensors that must be given back. */
  private borrowState(): Record<string, tf.Tensor> {
    return this.holder === undefined
      ? this.tensors
      : mapTensors(this.holder.readState(), (tensor) => tf.keep(tensor));
  }

  private giveBack(state: Record<string, tf.Tensor>): void {
    if (state !== this.tensors) disposeAll(state);
  }

  /** Makes the tensors, instead of a program's variables, hold the state. */
  private takeState(): void {
    if (this.holder !== undefined) this.tensors = this.borrowState();
    this.holder = undefined;
  }
}

function stateTypes(state: Tensors): Record<string, ValueType> {
  return mapTensors(state, ({ dtype, shape }, name) => {
    if (dtype !== 'float32' && dtype !== 'int32')
      throw new TypeError(
        `Cannot compile a step: state ${name} must be float32 or int32: current value is ${dtype}`,
      );
    return { dtype, shape: [...shape] };
  });
}

function checkEntry(
  types: Readonly<Record<string, ValueType>>,
  { name, value: { data } }: { name: string; value: HostValues },
): void {
  const type = requireEntry(types, { name, action: 'write' });
  const size = type.shape.reduce((product, length) => product * length, 1);
  const dtype = data[Symbol.toStringTag] === 'Int32Array' ? 'int32' : 'float32';
  if (size !== data.length || type.dtype !== dtype)
    throw new RangeError(
      `Cannot write the state: ${name} must have ${size} numbers of type ${type.dtype}: ` +
        `current value has ${data.length} of ${dtype}`,
    );
}

function requireEntry(
  types: Readonly<Record<string, ValueType>>,
  { name, action }: { name: string; action: 'read' | 'write' },
): ValueType {
  const type = types[name];
  if (type !== undefined) return type;
  throw new RangeError(
    `Cannot ${action} the state: its entries must be of ${Object.keys(types).join(', ')}: current value is ${name}`,
  );
}

function signatureOf(inputs: Tensors): string {
  return JSON.stringify(
    Object.keys(inputs)
      .sort()
      .map((name) => [name, inputs[name]?.dtype, inputs[name]?.shape]),
  );
}

/** TensorFlow's errors name the node that failed, whose name begins with its operation. */
function compilationFailure(error: unknown): FallbackReason {
  const message = error instanceof Error ? error.message : String(error);
  const node = /\{\{node (?:[^}]*\/)?(\w+?)_\d+\}\}/.exec(message)?.[1];
  return {
    op: node ?? 'step',
    message: `TensorFlow cannot compile it: ${message.split('\n')[0] ?? message}`,
  };
}

function mapTensors<Result>(
  tensors: Tensors,
  map: (tensor: tf.Tensor, name: string) => Result,
): Record<string, Result> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, map(tensor, name)]),
  );
}

function disposeAll(tensors: Tensors): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}
