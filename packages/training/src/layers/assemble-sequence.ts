import * as tf from '@tensorflow/tfjs';
import { embedding } from './embedding';
import { type RowSelection, selectRows } from './select-rows';

/** Where each position of the sequences comes from; a position with neither (padding) is a row of zeros. */
export interface SequenceSources {
  /** One-hot tokens of all positions, zeros where there is none: as `oneHotRows` gives them. */
  readonly tokens: tf.Tensor;
  /** Rows of the patch features at all positions. */
  readonly patches: RowSelection;
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
