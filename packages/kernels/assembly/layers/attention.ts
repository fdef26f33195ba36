/**
 * Scaled dot-product attention (Vaswani et al. 2017, section 3.2) of every head of every sequence, and its gradient. Queries,
 * keys and values stay where the projection wrote them, side by side in rows of 3 · dim: the products read and write by strides.
 *
 * Every entry of a product is a chain over ascending positions (see ../matrix-product). A causal head is cut into blocks
 * of rows that see no later block; within its block a row meets later positions with the factor 0, which leaves a
 * finite sum as it is.
 */
import { multiplyStrided } from '../matrix-product';
import { addSixteen, at, clear, loadFirst, storeFirst } from './lanes';
import { softmaxRow } from './softmax';

/** Rows of a block of a causal head: what is computed in vain is half a block a row. */
const CAUSAL_ROWS: i32 = 20;

/**
 * probabilities [batch · heads, length, length] = softmax(Q · Kᵀ / √headDim), value [batch · length, dim] = probabilities · V.
 * The probabilities of later positions are 0 if `isCausal`. `scale` is 1 / √headDim; it multiplies scores less their maximum.
 */
export function attention(
  batch: i32, length: i32, heads: i32, headDim: i32, isCausal: bool, scale: f32,
  packed: usize, value: usize, probabilities: usize, scratch: usize,
): void {
  const dim = heads * headDim;
  for (let b: i32 = 0; b < batch; b++) {
    for (let h: i32 = 0; h < heads; h++) {
      attendHead(length, headDim, dim, isCausal, scale, at(packed, h * headDim), at(value, h * headDim), probabilities, scratch);
      probabilities = at(probabilities, length * length);
    }
    packed = at(packed, length * 3 * dim);
    value = at(value, length * dim);
  }
}

function attendHead(
  length: i32, headDim: i32, dim: i32, isCausal: bool, scale: f32,
  query: usize, value: usize, probabilities: usize, scratch: usize,
): void {
  const stride = 3 * dim;
  const keys = at(query, dim), values = at(keys, dim);
  const block = isCausal ? CAUSAL_ROWS : length;
  for (let from: i32 = 0; from < length; from += block) {
    const rows = min(block, length - from);
    const seen = from + rows;
    const first = at(probabilities, from * length);
    multiplyStrided(rows, seen, headDim, at(query, from * stride), stride, 1, keys, 1, stride, first, length, scratch);
    for (let i = from; i < seen; i++) {
      const row = at(probabilities, i * length);
      const count = isCausal ? i + 1 : length;
      softmaxRow(count, row, scale, row);
      clear(length - count, at(row, count));
    }
    multiplyStrided(rows, headDim, seen, first, length, 1, values, stride, 1, at(value, from * dim), dim, scratch);
  }
}

/**
 * The gradient of `attention`: with P the probabilities, dP = dy · Vᵀ and dS = (P · (dP − Σ dP · P)) · scale entry by
 * entry, the sum over a row in sixteen partial sums (see ./lanes),
 * dQ = dS · K, dK = dSᵀ · Q and dV = Pᵀ · dy, written side by side as in `packed`. `scores` has room for length² entries.
 */
export function attentionGradient(
  batch: i32, length: i32, heads: i32, headDim: i32, isCausal: bool, scale: f32,
  dy: usize, packed: usize, probabilities: usize, dPacked: usize, scores: usize, scratch: usize,
): void {
  const dim = heads * headDim;
  for (let b: i32 = 0; b < batch; b++) {
    for (let h: i32 = 0; h < heads; h++) {
      const column = h * headDim;
      headGradient(length, headDim, dim, isCausal, scale, at(dy, column), at(packed, column), probabilities, at(dPacked, column), scores, scratch);
      probabilities = at(probabilities, length * length);
    }
    dy = at(dy, length * dim);
    packed = at(packed, length * 3 * dim);
    dPacked = at(dPacked, length * 3 * dim);
  }
}

function headGradient(
  length: i32, headDim: i32, dim: i32, isCausal: bool, scale: f32,
  dy: usize, query: usize, probabilities: usize, dQuery: usize, scores: usize, scratch: usize,
): void {
  const stride = 3 * dim;
  const keys = at(query, dim), values = at(keys, dim);
  const dKeys = at(dQuery, dim), dValues = at(dKeys, dim);
  const block = isCausal ? CAUSAL_ROWS : length;
  for (let from: i32 = 0; from < length; from += block) {
    const rows = min(block, length - from);
    const seen = from + rows;
    const first = at(scores, from * length);
    multiplyStrided(rows, seen, headDim, at(dy, from * dim), dim, 1, values, 1, stride, first, length, scratch);
    for (let i = from; i < seen; i++) {
      const count = isCausal ? i + 1 : length;
      const row = at(scores, i * length);
      scoreGradient(count, at(probabilities, i * length), row, scale);
      clear(seen - count, at(row, count));
    }
    multiplyStrided(rows, headDim, seen, first, length, 1, keys, stride, 1, at(dQuery, from * stride), stride, scratch);
  }
  for (let from: i32 = 0; from < length; from += block) {
    const columns = min(block, length - from);
    // A key or value is seen from its own position on.
    const start = isCausal ? from : 0;
    const corner = start * length + from;
    const target = from * stride;
    multiplyStrided(columns, headDim, length - start, at(scores, corner), 1, length, at(query, start * stride), stride, 1, at(dKeys, target), stride, scratch);
    multiplyStrided(columns, headDim, length - start, at(probabilities, corner), 1, length, at(dy, start * dim), dim, 1, at(dValues, target), stride, scratch);
  }
}

/** In place: row = (p · (row − Σ row · p)) · scale. */
function scoreGradient(count: i32, p: usize, row: usize, scale: f32): void {
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
  let j: i32 = 0;
  for (; j + 4 <= count; j += 4) {
    const next = f32x4.add(s0, f32x4.mul(v128.load(at(row, j)), v128.load(at(p, j))));
    s0 = s1; s1 = s2; s2 = s3; s3 = next;
  }
  if (j < count) {
    const next = f32x4.add(s0, f32x4.mul(loadFirst(at(row, j), count - j), loadFirst(at(p, j), count - j)));
    s0 = s1; s1 = s2; s2 = s3; s3 = next;
  }
  const sum = addSixteen(s0, s1, s2, s3), scale4 = f32x4.splat(scale);
  for (j = 0; j + 4 <= count; j += 4) {
    const difference = f32x4.sub(v128.load(at(row, j)), sum);
    v128.store(at(row, j), f32x4.mul(f32x4.mul(v128.load(at(p, j)), difference), scale4));
  }
  if (j < count) {
    const difference = f32x4.sub(loadFirst(at(row, j), count - j), sum);
    storeFirst(at(row, j), f32x4.mul(f32x4.mul(loadFirst(at(p, j), count - j), difference), scale4), count - j);
  }
}
