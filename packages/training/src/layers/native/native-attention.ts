import * as tf from '@tensorflow/tfjs';
import { type AttentionOptions, causalMask } from '../attention';
import { scaled, type TensorFlowOperations } from './tensorflow-operations';

/** The heads' operands and probabilities, which the gradient reads: `[1, batch, heads, length, …]`. */
export type AttentionHeads = Record<'query' | 'key' | 'value' | 'probabilities', tf.Tensor>;

/**
 * Multi-head attention as in `attention`.
 *
 * @param packed `[batch·length, 3·dim]`; given back.
 * @returns `[batch·length, dim]`, and what the gradient needs
 */
export function nativeAttention(
  on: TensorFlowOperations,
  packed: tf.Tensor,
  options: AttentionOptions,
): { readonly attended: tf.Tensor; readonly heads: AttentionHeads } {
  const all = toHeads(on, packed, { ...options, groups: 3 });
  packed.dispose();
  const [unscaled, key, value] = tf.split(all, 3);
  if (unscaled === undefined || key === undefined || value === undefined)
    throw new RangeError('Cannot split queries, keys and values');
  all.dispose();
  const query = on.multiply(unscaled, tf.scalar(scaleOf(unscaled)));
  unscaled.dispose();
  const scores = on.product(query, key, { isRightTransposed: true });
  const seen = options.isCausal ? on.add(scores, causalMask(options.length)) : scores;
  const probabilities = on.softmax(seen);
  tf.dispose([scores, seen]);
  const out = on.product(probabilities, value);
  const attended = fromHeads(on, out, options);
  out.dispose();
  return { attended, heads: { query, key, value, probabilities } };
}

/**
 * The gradient of {@link nativeAttention}.
 *
 * @param dy `[batch·length, dim]`; given back.
 * @returns `[batch·length, 3·dim]`
 */
export function nativeAttentionGradient(
  on: TensorFlowOperations,
  { dy, query, key, value, probabilities }: AttentionHeads & { readonly dy: tf.Tensor },
  options: AttentionOptions,
): tf.Tensor {
  const dOut = toHeads(on, dy, { ...options, groups: 1 });
  dy.dispose();
  const dProbabilities = on.product(dOut, value, { isRightTransposed: true });
  const weighted = on.multiply(dProbabilities, probabilities);
  const centred = on.subtract(dProbabilities, on.lastSums(weighted));
  tf.dispose([dProbabilities, weighted]);
  const dScores = on.multiply(probabilities, centred);
  centred.dispose();
  const dQuery = on.product(dScores, key);
  const parts = [
    scaled(on, dQuery, scaleOf(query)),
    on.product(dScores, query, { isLeftTransposed: true }),
    on.product(probabilities, dOut, { isLeftTransposed: true }),
  ];
  tf.dispose([dOut, dScores]);
  const all = tf.concat(parts);
  tf.dispose([dQuery, parts]);
  const dPacked = fromHeads(on, all, options);
  all.dispose();
  return dPacked;
}

/** How many of queries, keys and values lie side by side. */
type Groups = AttentionOptions & { readonly groups: number };

/** `[batch·length, groups·dim]` as `[groups, batch, heads, length, dim / heads]`. */
function toHeads(
  on: TensorFlowOperations,
  x: tf.Tensor,
  { batch, length, heads, groups }: Groups,
): tf.Tensor {
  const width = x.size / (batch * length * groups * heads);
  const split = on.reshape(x, [batch, length, groups, heads, width]);
  const turned = on.transpose(split, [2, 0, 3, 1, 4]);
  split.dispose();
  return turned;
}

/** What {@link toHeads} took apart. */
function fromHeads(
  on: TensorFlowOperations,
  x: tf.Tensor,
  { batch, length }: AttentionOptions,
): tf.Tensor {
  const turned = on.transpose(x, [1, 3, 0, 2, 4]);
  const rows = on.reshape(turned, [batch * length, x.size / (batch * length)]);
  turned.dispose();
  return rows;
}

/** 1 / √(dim / heads) */
function scaleOf(query: tf.Tensor): number {
  return 1 / Math.sqrt(query.shape.at(-1) ?? 1);
}
