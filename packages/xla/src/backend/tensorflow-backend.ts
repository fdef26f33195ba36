import { EnvironmentError } from '@pixelis/core';
import * as tf from '@tensorflow/tfjs';

/** A tensor as the kernels of TensorFlow.js see it. */
export interface TensorInfo {
  readonly dataId: object;
  readonly shape: readonly number[];
  readonly dtype: string;
}

/** An attribute of an operation, as the native backend hands it to TensorFlow. */
export interface OpAttribute {
  readonly name: string;
  /** One of the binding's `TF_ATTR_…` numbers. */
  readonly type: number;
  readonly value: unknown;
}

/** The part of the native backend through which every one of its kernels runs its operations. */
export interface RecordableBackend {
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: OpAttribute[],
    inputs: TensorInfo[],
    numOutputs: number,
  ): tf.Tensor[];
  readSync(dataId: object): ArrayLike<number> & ArrayBufferView;
}

/** What a compiled step needs of the native backend of `@tensorflow/tfjs-node-gpu`. */
export interface TensorflowBackend extends RecordableBackend {
  loadSavedModelMetaGraph(path: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(
    id: number,
    inputs: tf.Tensor[],
    inputNames: { name: string; tfDtype: string }[],
    outputNames: string[],
  ): tf.Tensor[];
}

/**
 * The native backend, if it is the one in use.
 *
 * @throws EnvironmentError BACKEND_CANNOT_COMPILE if another backend is in use.
 */
export function requireTensorflowBackend(): TensorflowBackend {
  const current: unknown = tf.backend();
  const backend = tf.getBackend() === 'tensorflow' ? current : undefined;
  if (!isTensorflowBackend(backend))
    throw new EnvironmentError(
      `steps are compiled by TensorFlow's native library alone: current backend is ${tf.getBackend()}`,
      {
        code: 'BACKEND_CANNOT_COMPILE',
        remedy:
          'load the native backend (@pixelis/native; --backend cpu or gpu), or run the step uncompiled',
      },
    );
  return backend;
}

function isTensorflowBackend(backend: unknown): backend is TensorflowBackend {
  return (
    typeof backend === 'object' &&
    backend !== null &&
    [
      'executeSingleOutput',
      'executeMultipleOutputs',
      'readSync',
      'loadSavedModelMetaGraph',
      'deleteSavedModel',
      'runSavedModel',
    ].every((name) => typeof Reflect.get(backend, name) === 'function')
  );
}
