import * as tf from '@tensorflow/tfjs';
import type { OpAttribute, RecordableBackend, TensorInfo } from './tensorflow-backend';

/** What is told of a backend's work. */
export interface BackendListener {
  onOp(
    op: string,
    attributes: readonly OpAttribute[],
    inputs: readonly TensorInfo[],
    outputs: readonly TensorInfo[],
  ): void;
  onKernelRead(dataId: object): void;
  onRead(dataId: object): void;
}

/** Lets `listener` follow what the backend does until the function that is returned is called. */
export function interceptBackend(
  backend: RecordableBackend,
  listener: BackendListener,
): () => void {
  const original = {
    executeSingleOutput: backend.executeSingleOutput.bind(backend),
    executeMultipleOutputs: backend.executeMultipleOutputs.bind(backend),
    readSync: backend.readSync.bind(backend),
  };
  const restoreBackend = overrideMethods(backend, {
    executeSingleOutput(op: string, attributes: OpAttribute[], inputs: TensorInfo[]) {
      const output = original.executeSingleOutput(op, attributes, inputs);
      listener.onOp(op, attributes, inputs, [output]);
      return output;
    },
    executeMultipleOutputs(
      op: string,
      attributes: OpAttribute[],
      inputs: TensorInfo[],
      numOutputs: number,
    ) {
      const outputs = original.executeMultipleOutputs(op, attributes, inputs, numOutputs);
      listener.onOp(op, attributes, inputs, outputs);
      return outputs;
    },
    readSync(dataId: object) {
      listener.onKernelRead(dataId);
      return original.readSync(dataId);
    },
  });
  const restoreEngine = interceptReads(listener);
  return () => {
    restoreEngine();
    restoreBackend();
  };
}

/** `tensor.dataSync()` and `tensor.data()` go through the engine, a kernel's own reads do not. */
function interceptReads(listener: BackendListener): () => void {
  const engine = tf.engine();
  const readSync = engine.readSync.bind(engine);
  const read = engine.read.bind(engine);
  return overrideMethods(engine, {
    readSync(dataId: object) {
      listener.onRead(dataId);
      return readSync(dataId);
    },
    read(dataId: object) {
      listener.onRead(dataId);
      return read(dataId);
    },
  });
}

function overrideMethods(target: object, methods: object): () => void {
  const names = Object.keys(methods);
  const before = names.map((name) => Object.getOwnPropertyDescriptor(target, name));
  for (const [name, value] of Object.entries(methods))
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => {
    for (const [index, name] of names.entries()) {
      const descriptor = before[index];
      if (descriptor === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, descriptor);
    }
  };
}
