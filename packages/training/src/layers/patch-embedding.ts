import * as tf from '@tensorflow/tfjs';
import { linear, type LinearParameters } from './linear';

/** The geometry of square images cut into square patches. */
export interface PatchOptions {
  /** Side of an image in pixels; a multiple of `patchSize`. */
  readonly imageSize: number;
  /** Side of a patch in pixels. */
  readonly patchSize: number;
}

/**
 * The linear embedding of the patches of grey images (Dosovitskiy et al. 2021, equation 1).
 *
 * @param images `[images, imageSize²]`, row-major pixels
 * @param parameters weight `[patchSize², dim]` over a patch's row-major pixels, bias `[dim]`, and the geometry
 * @returns `[images·patches, dim]`, the patches of an image in row-major order
 */
export function patchEmbedding(
  images: tf.Tensor,
  { weight, bias, imageSize, patchSize }: LinearParameters & PatchOptions,
): tf.Tensor {
  const side = imageSize / patchSize;
  const count = images.shape[0];
  const bands = tf.reshape(images, [count * side, patchSize, side, patchSize]);
  const patches = tf.reshape(tf.transpose(bands, [0, 2, 1, 3]), [
    count * side * side,
    patchSize * patchSize,
  ]);
  return linear(patches, { weight, bias });
}
