import { type FusedLayers, fusedLayers } from '@pixelis/kernels';
import * as tf from '@tensorflow/tfjs';
import { type Differentiable, differentiable } from './differentiable';

/** What the rows of logits should have said. */
export interface CrossEntropyTargets {
  /** Class of each row; −1 for a row without a target. */
  readonly targets: Int32Array;
  /** Weight of each row's loss; that of a row without a target is ignored. */
  readonly weights: Float32Array;
}

/**
 * The weighted sum over rows of −log softmax(logits)[target]. A sum, not a mean: the caller divides by the weights of the whole batch,
 * so that the shards of a batch add up to the batch.
 *
 * @param logits `[rows, classes]`
 * @returns a scalar
 * @throws {RangeError} If there are not as many targets and weights as rows, or a target is no class and not −1.
 */
export function crossEntropySum(
  logits: tf.Tensor,
  { targets, weights }: CrossEntropyTargets,
): tf.Scalar {
  const [rows = 0, classes = 0] = logits.shape;
  if (targets.length !== rows || weights.length !== rows) {
    throw new RangeError(
      `Cannot compute cross-entropy: there must be ${rows} targets and weights: current value is ${targets.length} and ${weights.length}`,
    );
  }
  validateTargets(targets, classes);
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
  { targets, weights }: CrossEntropyTargets,
): Differentiable {
  const labels = { targets: tf.tensor1d(targets, 'int32'), weights: tf.tensor1d(weights) };
  const { value, probabilities } = fused.crossEntropySum(logits, labels);
  return {
    value,
    saved: [probabilities, labels.targets, labels.weights],
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

function composed(logits: tf.Tensor, labels: CrossEntropyTargets): Differentiable {
  const [rows = 0, classes = 0] = logits.shape;
  const { weightedTargets, rowWeights } = spread(labels, classes);
  const shifted = tf.sub(logits, tf.max(logits, 1, true));
  const exponentials = tf.exp(shifted);
  const total = tf.sum(exponentials, 1, true);
  const aim = tf.tensor2d(weightedTargets, [rows, classes]);
  const weight = tf.tensor2d(rowWeights, [rows, 1]);
  // −Σ w·(z_target − log Σ exp z) = Σ w·log Σ exp z − Σ w·onehot·z
  return {
    value: tf.sub(tf.sum(tf.mul(tf.log(total), weight)), tf.sum(tf.mul(aim, shifted))),
    saved: [exponentials, tf.div(weight, total), aim],
    gradient: (dy, savedExponentials, factor, savedAim) => [
      tf.mul(dy, tf.sub(tf.mul(savedExponentials, factor), savedAim)),
    ],
  };
}

function validateTargets(targets: Int32Array, classes: number): void {
  for (const target of targets) {
    if (target >= classes || target < -1) {
      throw new RangeError(
        `Cannot compute cross-entropy: a target must be -1 or a class below ${classes}: current value is ${target}`,
      );
    }
  }
}

/** The targets as one-hot rows times their weights, and the weights with 0 where there is no target. */
function spread(
  { targets, weights }: CrossEntropyTargets,
  classes: number,
): { weightedTargets: Float32Array; rowWeights: Float32Array } {
  const weightedTargets = new Float32Array(targets.length * classes);
  const rowWeights = new Float32Array(targets.length);
  targets.forEach((target, row) => {
    if (target >= 0) {
      const weight = weights[row] ?? 0;
      weightedTargets[row * classes + target] = weight;
      rowWeights[row] = weight;
    }
  });
  return { weightedTargets, rowWeights };
}
