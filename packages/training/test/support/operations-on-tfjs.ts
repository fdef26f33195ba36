import * as tf from '@tensorflow/tfjs';
import {
  type OperationAttribute,
  TensorFlowOperations,
} from '../../src/layers/native/tensorflow-operations';

const FLAGS = { TF_ATTR_TYPE: 1, TF_ATTR_BOOL: 2, TF_ATTR_STRING: 3, TF_FLOAT: 4, TF_INT32: 5 };

type Operation = (
  inputs: tf.Tensor[],
  attributes: Readonly<Record<string, OperationAttribute['value']>>,
) => tf.Tensor;

/** What each operation of TensorFlow means, in kernels of any backend. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  Add: ([a, b]) => tf.add(a!, b!),
  Sub: ([a, b]) => tf.sub(a!, b!),
  Mul: ([a, b]) => tf.mul(a!, b!),
  Square: ([x]) => tf.square(x!),
  Exp: ([x]) => tf.exp(x!),
  Erf: ([x]) => tf.erf(x!),
  Rsqrt: ([x]) => tf.rsqrt(x!),
  Softmax: ([x]) => tf.softmax(x!),
  BatchMatMulV2: ([a, b], { adj_x: isLeft, adj_y: isRight }) =>
    tf.matMul(a!, b!, isLeft === true, isRight === true),
  BiasAddGrad: ([x]) => tf.sum(x!, 0),
  Mean: ([x, axes]) => tf.mean(x!, integers(axes), true),
  Sum: ([x, axes]) => tf.sum(x!, integers(axes), true),
  Reshape: ([x, shape]) => tf.reshape(x!, integers(shape)),
  Transpose: ([x, permutation]) => tf.transpose(x!, integers(permutation)),
};

/** The operations that the native layers are made of, by kernels of the backend in use. */
export function operationsOnTfjs(): TensorFlowOperations {
  return new TensorFlowOperations({
    binding: FLAGS,
    executeSingleOutput: (name, attributes, inputs) =>
      OPERATIONS[name]!(
        [...inputs],
        Object.fromEntries(attributes.map((attribute) => [attribute.name, attribute.value])),
      ),
  });
}

function integers(tensor: tf.Tensor | undefined): number[] {
  return [...tensor!.dataSync()];
}
