import { type FusedLayers, fusedLayers } from '@pixelis/kernels';
import * as tf from '@tensorflow/tfjs';
import { type Differentiable, differentiable } from './differentiable';

/** How rows make sequences, and sequences are attended to. */
export interface AttentionOptions {
  /** Number of sequences. */
  readonly batch: number;
  /** Positions of each sequence. */
  readonly length: number;
  /** Number of heads; divides `dim`. */
  readonly heads: number;
  /** Whether a position attends to itself and earlier ones alone. */
  readonly isCausal: boolean;
}

/** Added to the score of a position that may not be seen: its exponential is exactly 0. */
const MASKED_SCORE = -1e9;

/**
 * Multi-head scaled dot-product attention (Vaswani et al. 2017, section 3.2): softmax(Q·Kᵀ/√(dim/heads)) · V in every head.
 *
 * @param packed `[batch·length, 3·dim]`: queries, keys and values side by side, each `heads` groups of columns
 * @returns `[batch·length, dim]`
 * @throws {RangeError} If the shape does not fit the options.
 */
export function attention(packed: tf.Tensor, options: AttentionOptions): tf.Tensor {
  const { batch, length, heads } = options;
  const headDim = (packed.shape[1] ?? 0) / (3 * heads);
  if (packed.shape[0] !== batch * length || !Number.isInteger(headDim)) {
    throw new RangeError(
      `Cannot attend: queries, keys and values must have shape [${batch * length}, 3 * dim] with dim a multiple of ${heads}: current value is [${packed.shape.join(', ')}]`,
    );
  }
  const fused = fusedLayers(tf);
  return differentiable([packed], () =>
    fused === undefined ? composed(packed, options) : byKernel(fused, packed, options),
  );
}

function byKernel(
  fused: FusedLayers,
  packed: tf.Tensor,
  options: AttentionOptions,
): Differentiable {
  const { value, probabilities } = fused.attention(packed, options);
  return {
    value,
    saved: [packed, probabilities],
    gradient: (dy, savedPacked, savedProbabilities) => [
      fused.attentionGradient(
        { dy, packed: savedPacked, probabilities: savedProbabilities },
        options,
      ),
    ],
  };
}

function composed(packed: tf.Tensor, options: AttentionOptions): Differentiable {
  const { length, heads, isCausal } = options;
  const scale = 1 / Math.sqrt((packed.shape[1] ?? 0) / (3 * heads));
  const [query, key, value] = threeParts(toHeads(packed, 3 * heads, options));
  const scores = tf.matMul(tf.mul(query, scale), key, false, true);
  const probabilities = tf.softmax(isCausal ? tf.add(scores, causalMask(length)) : scores);
  return {
    value: fromHeads(tf.matMul(probabilities, value), heads, options),
    saved: [query, key, value, probabilities],
    gradient: (dy, q, k, v, p) => {
      const dOut = toHeads(dy, heads, options);
      const weighted = tf.mul(tf.matMul(dOut, v, false, true), p);
      const dScores = tf.mul(tf.sub(weighted, tf.mul(p, tf.sum(weighted, -1, true))), scale);
      const dPacked = tf.concat([
        tf.matMul(dScores, k),
        tf.matMul(dScores, q, true, false),
        tf.matMul(p, dOut, true, false),
      ]);
      return [fromHeads(dPacked, 3 * heads, options)];
    },
  };
}

/** Groups of columns as sequences one after another: one transposition of rank 4 makes all the batched operands contiguous. */
function toHeads(x: tf.Tensor, groups: number, { batch, length }: AttentionOptions): tf.Tensor3D {
  const headDim = (x.shape[1] ?? 0) / groups;
  const split = tf.reshape(x, [batch, length, groups, headDim]);
  return tf.reshape(tf.transpose(split, [2, 0, 1, 3]), [groups * batch, length, headDim]);
}

/** What {@link toHeads} took apart. */
function fromHeads(x: tf.Tensor, groups: number, { batch, length }: AttentionOptions): tf.Tensor2D {
  const headDim = x.shape[2] ?? 0;
  const split = tf.reshape(x, [groups, batch, length, headDim]);
  return tf.reshape(tf.transpose(split, [1, 2, 0, 3]), [batch * length, groups * headDim]);
}

function threeParts(x: tf.Tensor3D): [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D] {
  const size = x.shape[0] / 3;
  const part = (index: number): tf.Tensor3D => tf.slice3d(x, [index * size, 0, 0], [size, -1, -1]);
  return [part(0), part(1), part(2)];
}

/** `[length, length]`: 0 where the row may see the column, `MASKED_SCORE` elsewhere. */
export function causalMask(length: number): tf.Tensor2D {
  const mask = new Float32Array(length * length);
  for (let row = 0; row < length; row++) {
    mask.fill(MASKED_SCORE, row * length + row + 1, (row + 1) * length);
  }
  return tf.tensor2d(mask, [length, length]);
}
