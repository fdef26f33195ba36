import { IMAGE_PIXELS, IMAGE_SIZE } from './mnist';
import type { ReasoningSequence } from './reasoning-sequence';
import { isActionToken, TOKENS } from './vocabulary';

/** Stands in `tokens`, `patches` and `targets` where there is none. */
export const NONE = -1;

/** Sequences as arrays; those of shape [batch, length] are row-major, padded at the end of each row. */
export interface ReasoningBatch {
  batch: number;
  /** Positions of the longest sequence. */
  length: number;
  imageCount: number;
  /** Patches of a picture: (28 / patchSize)². */
  patchCount: number;
  /** Grey levels, shape [imageCount, 28·28]: canvases and crops, sequence by sequence in the order of reading. */
  images: Uint8Array<ArrayBuffer>;
  /** Token at each position, −1 where a patch or padding stands; shape [batch, length]. */
  tokens: Int32Array<ArrayBuffer>;
  /** image · patchCount + patch where a patch stands (patches counted row by row), else −1; shape [batch, length]. */
  patches: Int32Array<ArrayBuffer>;
  /** Token that the model must emit after each position, else −1; shape [batch, length]. */
  targets: Int32Array<ArrayBuffer>;
  /** Weight of each target in the loss, 0 where there is none; shape [batch, length]. */
  weights: Float32Array<ArrayBuffer>;
  /** Positions of each sequence; shape [batch]. The logits of position `lengths[i] − 1` say what to emit next. */
  lengths: Int32Array<ArrayBuffer>;
}

/** How {@link collate} lays sequences out. */
export interface CollateOptions {
  /** Side of a patch in pixels, a divisor of 28. @default {7} */
  patchSize?: number;
  /** Weight of ZOOM, PROPERTIES and their cells; notes, answers and END weigh 1. @default {1} */
  actionTokenWeight?: number;
}

/** Patch size that is used where none is given. */
export const DEFAULT_PATCH_SIZE = 7;

/**
 * Lays sequences out as arrays. A token that the model emitted is the target of the position before it; pictures,
 * questions and results of operations are never targets.
 *
 * @throws {RangeError} If there is no sequence, or `patchSize` does not divide 28.
 */
export function collate(
  sequences: readonly ReasoningSequence[],
  { patchSize = DEFAULT_PATCH_SIZE, actionTokenWeight = 1 }: CollateOptions = {},
): ReasoningBatch {
  if (sequences.length === 0) {
    throw new RangeError('Cannot collate: sequences must not be empty: current length is 0');
  }
  const patchCount = patchCountOf(patchSize);
  const lengths = Int32Array.from(sequences, (sequence) => sequence.length(patchCount));
  const batch = sequences.length;
  const length = Math.max(...lengths);
  const imageCount = sequences.reduce((sum, sequence) => sum + sequence.imageCount, 0);
  const result = {
    batch,
    length,
    imageCount,
    patchCount,
    images: new Uint8Array(imageCount * IMAGE_PIXELS),
    tokens: new Int32Array(batch * length).fill(NONE),
    patches: new Int32Array(batch * length).fill(NONE),
    targets: new Int32Array(batch * length).fill(NONE),
    weights: new Float32Array(batch * length),
    lengths,
  };
  let image = 0;
  sequences.forEach((sequence, row) => {
    layOut(sequence, result, { position: row * length, image, actionTokenWeight });
    image += sequence.imageCount;
  });
  return result;
}

/**
 * Patches in a picture.
 *
 * @throws {RangeError} If `patchSize` is no divisor of 28.
 */
export function patchCountOf(patchSize: number): number {
  if (!Number.isInteger(patchSize) || patchSize < 1 || IMAGE_SIZE % patchSize !== 0) {
    throw new RangeError(
      `Cannot cut pictures: patchSize must divide ${IMAGE_SIZE}: current value is ${patchSize}`,
    );
  }
  const side = IMAGE_SIZE / patchSize;
  return side * side;
}

/**
 * Positions that a sequence can take at most: no demonstration is longer, and an episode ends that would be.
 *
 * @throws {RangeError} If `patchSize` is no divisor of 28.
 */
export function maximumSequenceLength(patchSize: number): number {
  const patchCount = patchCountOf(patchSize);
  const answer = 2; // ANSWER and the answer; END takes no position
  const readTwoDigits = 3 + 2 * (2 + patchCount + 1); // kind and two cells; then ZOOM, cell, crop, note, twice
  const lookAtFourCells = 1 + 4 * 3; // kind; then PROPERTIES, cell, property, four times
  return patchCount + Math.max(readTwoDigits, lookAtFourCells) + answer;
}

interface Cursor {
  position: number;
  image: number;
  actionTokenWeight: number;
}

function layOut(sequence: ReasoningSequence, result: ReasoningBatch, cursor: Cursor): void {
  const { patchCount, images, tokens, patches, targets, weights } = result;
  let { position, image } = cursor;
  for (const entry of sequence.entries) {
    if (entry.type === 'image') {
      images.set(entry.pixels, image * IMAGE_PIXELS);
      for (let patch = 0; patch < patchCount; patch++) {
        patches[position++] = image * patchCount + patch;
      }
      image++;
    } else {
      if (entry.isEmitted) setTarget(entry.token);
      tokens[position++] = entry.token;
    }
  }
  if (sequence.isEnded) setTarget(TOKENS.end);

  function setTarget(token: number): void {
    targets[position - 1] = token;
    weights[position - 1] = isActionToken(token) ? cursor.actionTokenWeight : 1;
  }
}
