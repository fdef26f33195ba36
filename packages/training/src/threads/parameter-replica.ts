import * as tf from '@tensorflow/tfjs';
import type { ParameterLayout, ParameterTree } from '../parameters';

/** The parameters as tensors of this thread's backend, brought up to date when they are asked for. */
export class ParameterReplica {
  private tensors: Record<string, tf.Tensor> | undefined;

  /** @param vector The flat vector that the tensors copy. */
  constructor(
    private readonly layout: ParameterLayout,
    private readonly vector: Float32Array,
  ) {}

  /** They belong to the replica and are replaced after {@link outdate}. */
  get tree(): ParameterTree {
    return this.refresh();
  }

  /** Brings the tensors up to date now, if they are not. */
  refresh(): ParameterTree {
    // New tensors rather than new values in the old ones: kernels of tfjs keep packed weights by tensor.
    this.tensors ??= Object.fromEntries(
      this.layout.slots.map(({ name, shape, offset, size }) => [
        name,
        tf.tensor(this.vector.subarray(offset, offset + size), [...shape], 'float32'),
      ]),
    );
    return this.tensors;
  }

  /** The vector has changed, or the tensors are not needed any more. */
  outdate(): void {
    if (this.tensors !== undefined) tf.dispose(this.tensors);
    this.tensors = undefined;
  }
}
