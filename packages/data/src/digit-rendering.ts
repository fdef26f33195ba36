import { IMAGE_PIXELS, IMAGE_SIZE } from './mnist';

/** How a digit lies in its cell. */
export interface DigitPlacement {
  /** Shift to the right in pixels, −2 to 2. */
  shiftX: number;
  /** Shift downwards in pixels, −2 to 2. */
  shiftY: number;
  /** Size in MNIST's own, 0.85 to 1.1. */
  scale: number;
  /** Factor of the grey levels, 0.5 to 1. */
  contrast: number;
}

const CENTRE = (IMAGE_SIZE - 1) / 2;

/**
 * Draws a digit into a cell: the image scaled about its centre, shifted, resampled bilinearly and dimmed. Float64 and
 * + − × ÷ alone, so every machine gives the same bits.
 *
 * @param image Grey levels, shape [28, 28].
 * @returns Grey levels from 0 to 255 × contrast, shape [28, 28].
 */
export function renderDigit(image: Uint8Array, placement: DigitPlacement): Float64Array {
  const { shiftX, shiftY, scale, contrast } = placement;
  const columns = sampleAxis(shiftX, scale);
  const rows = sampleAxis(shiftY, scale);
  const widened = new Float64Array(IMAGE_PIXELS);
  const cell = new Float64Array(IMAGE_PIXELS);
  columns.forEach(({ near, far, nearWeight, farWeight }, x) => {
    for (let row = 0; row < IMAGE_PIXELS; row += IMAGE_SIZE) {
      widened[row + x] =
        nearWeight * (image[row + near] ?? 0) + farWeight * (image[row + far] ?? 0);
    }
  });
  rows.forEach(({ near, far, nearWeight, farWeight }, y) => {
    for (let x = 0; x < IMAGE_SIZE; x++) {
      const value =
        nearWeight * (widened[near * IMAGE_SIZE + x] ?? 0) +
        farWeight * (widened[far * IMAGE_SIZE + x] ?? 0);
      cell[y * IMAGE_SIZE + x] = contrast * value;
    }
  });
  return cell;
}

/** Which two source pixels one pixel takes its value from, and how much of each; outside the image there is nothing. */
interface Sample {
  near: number;
  far: number;
  nearWeight: number;
  farWeight: number;
}

function sampleAxis(shift: number, scale: number): Sample[] {
  return Array.from({ length: IMAGE_SIZE }, (_, at) => {
    const source = (at - CENTRE - shift) / scale + CENTRE;
    const near = Math.floor(source);
    const part = source - near;
    return {
      near: clampToImage(near),
      far: clampToImage(near + 1),
      nearWeight: isInImage(near) ? 1 - part : 0,
      farWeight: isInImage(near + 1) ? part : 0,
    };
  });
}

function isInImage(at: number): boolean {
  return at >= 0 && at < IMAGE_SIZE;
}

function clampToImage(at: number): number {
  return Math.min(Math.max(at, 0), IMAGE_SIZE - 1);
}
