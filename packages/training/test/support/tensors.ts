import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';

/** A float32 tensor of a fixture. */
export interface EncodedTensor {
  readonly shape: number[];
  /** Base64 of the little-endian bytes. */
  readonly data: string;
}

/** Reads `fixtures/<name>.json`. */
export function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(join(__dirname, '../../fixtures', `${name}.json`), 'utf8'));
}

/** The numbers of a fixture's tensor. */
export function valuesOf({ data }: EncodedTensor): Float32Array {
  const bytes = Buffer.from(data, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) =>
    bytes.readFloatLE(4 * index),
  );
}

/** A fixture's tensor on the current backend. */
export function decode(encoded: EncodedTensor): tf.Tensor {
  return tf.tensor(valuesOf(encoded), encoded.shape, 'float32');
}

/** The largest difference of two tensors, in parts of the largest entry of the expected one; NaN if any entry is. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) {
    return Infinity;
  }
  let difference = 0;
  let largest = 0;
  for (let index = 0; index < expected.length; index++) {
    const each = Math.abs(actual[index]! - expected[index]!);
    difference = Number.isNaN(each) ? NaN : Math.max(difference, each);
    largest = Math.max(largest, Math.abs(expected[index]!));
  }
  return largest === 0 ? difference : difference / largest;
}

/** A layer as a function of named tensors. */
export type Layer = (inputs: Record<string, tf.Tensor>) => tf.Tensor;

/** A layer's value, and the gradients of Σ upstream · value for each input. */
export async function valueAndGradients(
  layer: Layer,
  inputs: Record<string, tf.Tensor>,
  upstream: tf.Tensor,
): Promise<{ value: Float32Array; gradients: Record<string, Float32Array>; shapes: number[][] }> {
  const names = Object.keys(inputs);
  const all = tf.valueAndGrads((...tensors: tf.Tensor[]) =>
    tf.sum(
      tf.mul(layer(Object.fromEntries(names.map((name, i) => [name, tensors[i]!]))), upstream),
    ),
  )(Object.values(inputs));
  const output = tf.tidy(() => layer(inputs));
  const value = await numbers(output);
  const gradients: Record<string, Float32Array> = {};
  for (const [index, name] of names.entries()) {
    gradients[name] = await numbers(all.grads[index]!);
  }
  const shapes = [output.shape, ...all.grads.map(({ shape }) => shape)];
  tf.dispose([all, output]);
  return { value, gradients, shapes };
}

/** A tensor's numbers. */
export async function numbers(tensor: tf.Tensor): Promise<Float32Array> {
  return Float32Array.from(await tensor.data());
}
