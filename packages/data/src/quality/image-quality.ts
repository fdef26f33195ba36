import { math } from '@pixelis/core';
import { combineQuality, type QualityScore } from './quality-score';

/** A grey picture, row-major, one byte a pixel. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** What the quality of a picture is made of. */
export type ImageComponent = 'sharpness' | 'contrast' | 'exposure' | 'information' | 'resolution';

const WEIGHTS: Readonly<Record<ImageComponent, number>> = {
  sharpness: 2,
  contrast: 1,
  exposure: 1,
  information: 1,
  resolution: 1,
};

/** Variance of the Laplacian at which a picture counts as half sharp; blurred photographs lie below 100. */
const HALF_SHARP = 100;
/** Standard deviation of grey levels from which contrast is full. */
const FULL_CONTRAST = 64;
/** Grey levels that count as clipped: these many at either end. */
const CLIPPED_LEVELS = 3;
/** Shorter side in pixels from which resolution is full: what common vision transformers read. */
const FULL_SIDE = 224;

/**
 * How fit a picture is to be learned from, from 0 to 1, by its pixels alone: the weighted geometric mean of
 *
 * - `sharpness` (weight 2): v / (v + 100), v being the variance of the Laplacian (Pech-Pacheco et al. 2000);
 * - `contrast` (1): standard deviation of the grey levels over 64, at most 1;
 * - `exposure` (1): share of the pixels that are neither black nor white (levels 3 to 252);
 * - `information` (1): entropy of the grey levels over 8 bits (Shannon 1948);
 * - `resolution` (1): the shorter side over 224 pixels, at most 1.
 *
 * @throws {RangeError} If the pixels do not fill the picture, or it is smaller than 3 x 3.
 */
export function scoreImage(image: GreyImage): QualityScore {
  const { width, height, pixels } = image;
  if (width < 3 || height < 3 || pixels.length !== width * height) {
    throw new RangeError(
      `Cannot score an image: it must be at least 3 x 3 and filled: current value is ${width} x ${height} with ${pixels.length} pixels`,
    );
  }
  const histogram = new Float64Array(256);
  for (const level of pixels) histogram[level] = (histogram[level] ?? 0) + 1;
  const laplacian = laplacianVariance(image);
  return combineQuality(
    {
      sharpness: laplacian / (laplacian + HALF_SHARP),
      contrast: Math.min(1, deviation(histogram, pixels.length) / FULL_CONTRAST),
      exposure: 1 - clippedShare(histogram, pixels.length),
      information: entropyBits(histogram, pixels.length) / 8,
      resolution: Math.min(1, Math.min(width, height) / FULL_SIDE),
    },
    WEIGHTS,
  );
}

/** Variance over the inner pixels of the four-neighbour Laplacian. */
function laplacianVariance({ width, height, pixels }: GreyImage): number {
  const at = (index: number): number => pixels[index] ?? 0;
  const count = (width - 2) * (height - 2);
  let sum = 0;
  let squares = 0;
  for (let row = 1; row < height - 1; row++) {
    for (let column = 1; column < width - 1; column++) {
      const index = row * width + column;
      const value =
        at(index - 1) + at(index + 1) + at(index - width) + at(index + width) - 4 * at(index);
      sum += value;
      squares += value * value;
    }
  }
  const mean = sum / count;
  return Math.max(0, squares / count - mean * mean);
}

function deviation(histogram: Float64Array, count: number): number {
  let sum = 0;
  let squares = 0;
  histogram.forEach((pixels, level) => {
    sum += pixels * level;
    squares += pixels * level * level;
  });
  const mean = sum / count;
  return Math.sqrt(Math.max(0, squares / count - mean * mean));
}

function clippedShare(histogram: Float64Array, count: number): number {
  const clipped = histogram.filter(
    (_, level) => level < CLIPPED_LEVELS || level > 255 - CLIPPED_LEVELS,
  );
  return clipped.reduce((sum, pixels) => sum + pixels, 0) / count;
}

function entropyBits(histogram: Float64Array, count: number): number {
  const LN2 = math.log(2);
  return histogram.reduce((bits, pixels) => {
    const probability = pixels / count;
    return probability === 0 ? bits : bits - (probability * math.log(probability)) / LN2;
  }, 0);
}
