import { IMAGE_PIXELS, IMAGE_SIZE } from './mnist';
import { cellStart, type Scene } from './scene';
import { TOKENS } from './vocabulary';

/** A cell whose contrast is below this is EMPTY. */
export const FAINT_CONTRAST = 24;

/** A cell whose contrast is at least this is STRONG. */
export const STRONG_CONTRAST = 192;

/**
 * The visual operation ZOOM.
 *
 * @returns The cell's grey levels at full resolution, shape [28, 28]; undefined if the scene has no such cell.
 */
export function zoom(scene: Scene, cell: number): Uint8Array | undefined {
  if (!hasCell(scene, cell)) return undefined;
  const start = cellStart(scene.grid, cell);
  const crop = new Uint8Array(IMAGE_PIXELS);
  for (let row = 0; row < IMAGE_SIZE; row++) {
    const from = start + row * IMAGE_SIZE * scene.grid;
    crop.set(scene.pixels.subarray(from, from + IMAGE_SIZE), row * IMAGE_SIZE);
  }
  return crop;
}

/**
 * The visual operation PROPERTIES: whether a cell's contrast, the brightest less the darkest pixel, is next to none,
 * weak or strong. It says nothing of which digit stands there.
 *
 * @returns The token EMPTY, FAINT or STRONG; undefined if the scene has no such cell.
 */
export function properties(scene: Scene, cell: number): number | undefined {
  const crop = zoom(scene, cell);
  if (crop === undefined) return undefined;
  const contrast = Math.max(...crop) - Math.min(...crop);
  if (contrast < FAINT_CONTRAST) return TOKENS.empty;
  return contrast < STRONG_CONTRAST ? TOKENS.faint : TOKENS.strong;
}

function hasCell({ grid }: Scene, cell: number): boolean {
  return Number.isInteger(cell) && cell >= 0 && cell < grid * grid;
}
