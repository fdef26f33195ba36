import * as tf from '@tensorflow/tfjs';
import { embedding } from './embedding';
import { selectRows } from './select-rows';

/** Where each position of the sequences comes from; a position with neither (padding) is a row of zeros. */
export interface SequenceSources {
  /** Token id of each position, −1 where there is none. */
  readonly tokens: Int32Array;
  /** Row of the patch features at each position, −1 where there is none; each row at most once. */
  readonly patches: Int32Array;
}

/**
 * The sequence of a mixed context: token embeddings and patch features, each at its positions.
 *
 * @param tables the token table `[vocabulary, dim]` and the patch features `[images·patches, dim]`
 * @returns `[positions, dim]`
 */
export function assembleSequence(
  {
    tokenTable,
    patchFeatures,
  }: { readonly tokenTable: tf.Tensor; readonly patchFeatures: tf.Tensor },
  { tokens, patches }: SequenceSources,
): tf.Tensor {
  return tf.add(embedding(tokenTable, tokens), selectRows(patchFeatures, patches));
}
