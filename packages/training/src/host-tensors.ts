import * as tf from '@tensorflow/tfjs';

/** A tensor as a plain array: int32 or float32, row-major. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** Plain arrays by name: all that a function of tensors reads of its data. */
export type HostTensors = Readonly<Record<string, HostTensor>>;

/** The same on the backend. */
export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** Sends an array to the backend. */
export function tensorOf({ shape, data }: HostTensor): tf.Tensor {
  return tf.tensor(data, [...shape], data instanceof Int32Array ? 'int32' : 'float32');
}

/** Sends arrays to the backend; the tensors belong to the caller. */
export function toBackend(arrays: HostTensors): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, tensorOf(array)]));
}

/**
 * The input of that name.
 *
 * @throws {RangeError} If there is none.
 */
export function inputNamed<Input>(inputs: Readonly<Record<string, Input>>, name: string): Input {
  const input = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
  if (input === undefined) throw new RangeError(`Cannot find input "${name}"`);
  return input;
}
