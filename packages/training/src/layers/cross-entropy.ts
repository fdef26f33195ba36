import { type FusedLayers, fusedLayers } from '@pixelis/kernels';
import * as tf from '@tensorflow/tfjs';
import type { HostTensor } from '../host-tensors';
import { type Differentiable, differentiable } from './differentiable';

/** What the rows of logits should have said; {@link crossEntropyLabels} makes them. */
export interface CrossEntropyLabels<Tensor = tf.Tensor> {
  /** int32 `[rows]`: class of each row; −1 for a row without a target. */
  readonly targets: Tensor;
  /** float32 `[rows]`: weight of each row's loss, 0 where there is no target. */
  readonly weights: Tensor;
}

/**
 * The labels of rows for {@link crossEntropySum}; the weight of a row without a target is ignored.
 *
 * @throws {RangeError} If there are not as many weights as targets, or a target is no class and not −1.
 */
export function crossEntropyLabels(
  { targets, weights }: { readonly targets: Int32Array; readonly weights: Float32Array },
  classes: number,
): CrossEntropyLabels<HostTensor> {
  if (targets.length !== weights.length) {
    throw new RangeError(
      `Cannot compute cross-entropy: there must be as many weights as targets: current values are ${weights.length} and ${targets.length}`,
    );
  }
  for (const target of targets) {
    if (target >= classes || target < -1) {
      throw new RangeError(
        `Cannot compute cross-entropy: a target must be -1 or a class below ${classes}: current value is ${target}`,
      );
    }
  }
  const shape = [targets.length];
  const counted = weights.map((weight, row) => ((targets[row] ?? -1) < 0 ? 0 : weight));
  return { targets: { shape, data: targets }, weights: { shape, data: counted } };
}

/**
 * The weighted sum over rows of −log softmax(logits)[target]. A sum, not a mean: the caller divides by the weights of the whole batch,
 * so that the shards of a batch add up to the batch.
 *
 * @param logits `[rows, classes]`
 * @returns a scalar
 * @throws {RangeError} If there are not as many targets and weights as rows.
 */
export function crossEntropySum(
  logits: tf.Tensor,
  { targets, weights }: CrossEntropyLabels,
): tf.Scalar {
  const [rows = 0] = logits.shape;
  if (targets.size !== rows || weights.size !== rows) {
    throw new RangeError(
      `Cannot compute cross-entropy: there must be ${rows} targets and weights: current value is ${targets.size} and ${weights.size}`,
    );
  }
  const fused = fusedLayers(tf);
  const loss = differentiable([logits], () =>
    fused === undefined
      ? composed(logits, { targets, weights })
      : byKernel(fused, logits, { targets, weights }),
  );
  return loss.asScalar();
}

function byKernel(
  fused: FusedLayers,
  logits: tf.Tensor,
  { targets, weights }: CrossEntropyLabels,
): Differentiable {
  const { value, probabilities } = fused.crossEntropySum(logits, { targets, weights });
  return {
    value,
    saved: [probabilities, targets, weights],
    gradient: (dy, savedProbabilities, savedTargets, savedWeights) => [
      fused.crossEntropyGradient({
        dy,
        probabilities: savedProbabilities,
        targets: savedTargets,
        weights: savedWeights,
      }),
    ],
  };
}

function composed(logits: tf.Tensor, { targets, weights }: CrossEntropyLabels): Differentiable {
  const [rows = 0, classes = 0] = logits.shape;
  const shifted = tf.sub(logits, tf.max(logits, 1, true));
  const exponentials = tf.exp(shifted);
  const total = tf.sum(exponentials, 1, true);
  const weight = tf.reshape(weights, [rows, 1]);
  // Not `tf.oneHot`, whose wasm kernel writes elsewhere for −1.
  const isAim = tf.equal(tf.reshape(targets, [rows, 1]), tf.range(0, classes, 1, 'int32'));
  const aim = tf.mul(tf.cast(isAim, 'float32'), weight);
  // −Σ w·(z_target − log Σ exp z) = Σ w·log Σ exp z − Σ w·onehot·z
  return {
    value: tf.sub(tf.sum(tf.mul(tf.log(total), weight)), tf.sum(tf.mul(aim, shifted))),
    saved: [exponentials, tf.div(weight, total), aim],
    gradient: (dy, savedExponentials, factor, savedAim) => [
      tf.mul(dy, tf.sub(tf.mul(savedExponentials, factor), savedAim)),
    ],
  };
}
