import * as tf from '@tensorflow/tfjs';

/** An attribute of an operation, as the addon takes it. */
export interface OperationAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: number | boolean | string;
}

/** The part of the native backend that runs operations of TensorFlow by name. */
export interface NativeBackend {
  /** Numbers that stand for types. */
  readonly binding: Readonly<
    Record<'TF_ATTR_TYPE' | 'TF_ATTR_BOOL' | 'TF_ATTR_STRING' | 'TF_FLOAT' | 'TF_INT32', number>
  >;
  executeSingleOutput(
    name: string,
    attributes: readonly OperationAttribute[],
    inputs: readonly tf.Tensor[],
  ): tf.Tensor;
}

/** Which operands of a product are transposed. */
export interface ProductOptions {
  /** @default {false} */
  readonly isLeftTransposed?: boolean;
  /** @default {false} */
  readonly isRightTransposed?: boolean;
}

/**
 * Operations of TensorFlow on float32 tensors, called by their own names on its native backend: what TensorFlow.js wraps in
 * conversions, or has no name for. None is written to the tape, so they belong inside of a layer that gives its own gradient.
 */
export class TensorFlowOperations {
  constructor(private readonly backend: NativeBackend) {}

  /** Those of the backend in use; undefined where that is no native one. */
  static inUse(): TensorFlowOperations | undefined {
    const backend: unknown = tf.getBackend() === 'tensorflow' ? tf.backend() : undefined;
    return isNative(backend) ? new TensorFlowOperations(backend) : undefined;
  }

  add(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
    return this.elementwise('Add', a, b);
  }

  subtract(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
    return this.elementwise('Sub', a, b);
  }

  multiply(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
    return this.elementwise('Mul', a, b);
  }

  square(x: tf.Tensor): tf.Tensor {
    return this.elementwise('Square', x);
  }

  exponential(x: tf.Tensor): tf.Tensor {
    return this.elementwise('Exp', x);
  }

  erf(x: tf.Tensor): tf.Tensor {
    return this.elementwise('Erf', x);
  }

  inverseRoot(x: tf.Tensor): tf.Tensor {
    return this.elementwise('Rsqrt', x);
  }

  /** Over the last axis. */
  softmax(x: tf.Tensor): tf.Tensor {
    return this.elementwise('Softmax', x);
  }

  /** The product of the last two axes, for each place of those before. */
  product(a: tf.Tensor, b: tf.Tensor, options: ProductOptions = {}): tf.Tensor {
    const { isLeftTransposed = false, isRightTransposed = false } = options;
    const attributes = [
      this.type('T', 'TF_FLOAT'),
      this.flag('adj_x', isLeftTransposed),
      this.flag('adj_y', isRightTransposed),
    ];
    return this.backend.executeSingleOutput('BatchMatMulV2', attributes, [a, b]);
  }

  /** The sums `[columns]` of the rows of a matrix. */
  columnSums(x: tf.Tensor): tf.Tensor {
    const format = {
      name: 'data_format',
      type: this.backend.binding.TF_ATTR_STRING,
      value: 'NHWC',
    };
    return this.backend.executeSingleOutput(
      'BiasAddGrad',
      [this.type('T', 'TF_FLOAT'), format],
      [x],
    );
  }

  /** The mean over the last axis, which stays with extent 1. */
  lastMeans(x: tf.Tensor): tf.Tensor {
    return this.reduction('Mean', x);
  }

  /** The sum over the last axis, which stays with extent 1. */
  lastSums(x: tf.Tensor): tf.Tensor {
    return this.reduction('Sum', x);
  }

  reshape(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
    return this.withIntegers(shape, (extents) =>
      this.backend.executeSingleOutput(
        'Reshape',
        [this.type('T', 'TF_FLOAT'), this.type('Tshape', 'TF_INT32')],
        [x, extents],
      ),
    );
  }

  transpose(x: tf.Tensor, permutation: readonly number[]): tf.Tensor {
    return this.withIntegers(permutation, (axes) =>
      this.backend.executeSingleOutput(
        'Transpose',
        [this.type('T', 'TF_FLOAT'), this.type('Tperm', 'TF_INT32')],
        [x, axes],
      ),
    );
  }

  private elementwise(name: string, ...operands: readonly tf.Tensor[]): tf.Tensor {
    return this.backend.executeSingleOutput(name, [this.type('T', 'TF_FLOAT')], operands);
  }

  private reduction(name: string, x: tf.Tensor): tf.Tensor {
    const attributes = [
      this.flag('keep_dims', true),
      this.type('T', 'TF_FLOAT'),
      this.type('Tidx', 'TF_INT32'),
    ];
    return this.withIntegers([x.rank - 1], (axes) =>
      this.backend.executeSingleOutput(name, attributes, [x, axes]),
    );
  }

  private withIntegers(
    values: readonly number[],
    run: (integers: tf.Tensor) => tf.Tensor,
  ): tf.Tensor {
    const integers = tf.tensor1d(Int32Array.from(values), 'int32');
    const result = run(integers);
    integers.dispose();
    return result;
  }

  private type(name: string, of: 'TF_FLOAT' | 'TF_INT32'): OperationAttribute {
    const { binding } = this.backend;
    return { name, type: binding.TF_ATTR_TYPE, value: binding[of] };
  }

  private flag(name: string, value: boolean): OperationAttribute {
    return { name, type: this.backend.binding.TF_ATTR_BOOL, value };
  }
}

/** `scale` times a tensor; the tensor itself where that is 1. */
export function scaled(on: TensorFlowOperations, x: tf.Tensor, scale: number): tf.Tensor {
  return scale === 1 ? x : on.multiply(x, tf.scalar(scale));
}

function isNative(backend: unknown): backend is NativeBackend {
  return (
    typeof backend === 'object' &&
    backend !== null &&
    'executeSingleOutput' in backend &&
    'binding' in backend
  );
}
