import { type DigitPlacement, renderDigit } from './digit-rendering';
import { IMAGE_PIXELS, IMAGE_SIZE } from './mnist';

/** Difficulty of the digits-reasoning task. */
export type Level = 'simple' | 'medium' | 'hard';

/** The levels, easiest first. */
export const LEVELS: readonly Level[] = ['simple', 'medium', 'hard'];

/** Cells on a side of a scene. */
export const GRID_SIZES: Readonly<Record<Level, number>> = { simple: 1, medium: 2, hard: 4 };

/** A digit and where it stands. */
export interface PlacedDigit extends DigitPlacement {
  /** Cell, counted row by row from 0. */
  cell: number;
  /** Grey levels, shape [28, 28]. */
  image: Uint8Array;
}

/** Grey levels of an engraved scene. */
export interface EngravingLevels {
  /** Level of an occupied cell, {@link ENGRAVING_DEPTH} to 255 − {@link ENGRAVING_DEPTH}. */
  plate: number;
  /** Level of an empty cell, 0 to 255. */
  background: number;
}

/** A picture of grid × grid cells of 28×28 pixels. */
export interface Scene {
  grid: number;
  /** Grey levels at full resolution, shape [28·grid, 28·grid]. */
  pixels: Uint8Array;
}

/** Largest difference between an engraved pixel and its plate, before the digit's contrast. */
export const ENGRAVING_DEPTH = 104;

/** Draws digits, each into a cell of its own, bright on black. Cells must differ and lie in the grid. */
export function drawScene(grid: number, digits: readonly PlacedDigit[]): Scene {
  const scene = { grid, pixels: new Uint8Array(IMAGE_PIXELS * grid * grid) };
  for (const digit of digits) {
    // Written to bytes, a value is cut to the integer below.
    const cell = new Uint8Array(renderDigit(digit.image, digit).map((value) => value + 0.5));
    copyCell(cell, scene, digit.cell);
  }
  return scene;
}

/**
 * Draws digits as engravings: within every grid×grid block, which the canvas pools to one pixel, the digit's mean is taken away
 * exactly. So a canvas shows a plate of constant level where a digit stands and nothing of the digit itself.
 */
export function engraveScene(
  grid: number,
  digits: readonly PlacedDigit[],
  { plate, background }: EngravingLevels,
): Scene {
  const scene = { grid, pixels: new Uint8Array(IMAGE_PIXELS * grid * grid).fill(background) };
  for (const digit of digits) {
    const relief = new Int16Array(IMAGE_PIXELS);
    renderDigit(digit.image, digit).forEach((value, at) => {
      relief[at] = (value * ENGRAVING_DEPTH) / 255 + 0.5;
    });
    balanceBlocks(relief, grid);
    copyCell(new Uint8Array(relief.map((value) => plate + value)), scene, digit.cell);
  }
  return scene;
}

/**
 * What the model is shown at first: the scene mean-pooled to 28×28, rounded half up.
 *
 * @returns Grey levels, shape [28, 28].
 */
export function poolCanvas({ grid, pixels }: Scene): Uint8Array {
  const width = IMAGE_SIZE * grid;
  const area = grid * grid;
  const canvas = new Uint8Array(IMAGE_PIXELS);
  for (let y = 0; y < IMAGE_SIZE; y++) {
    for (let x = 0; x < IMAGE_SIZE; x++) {
      let sum = 0;
      for (let row = y * grid; row < (y + 1) * grid; row++) {
        const start = row * width + x * grid;
        for (let at = start; at < start + grid; at++) sum += pixels[at] ?? 0;
      }
      // Written to a byte, a value is cut to the integer below.
      canvas[y * IMAGE_SIZE + x] = sum / area + 0.5;
    }
  }
  return canvas;
}

/** Makes each block×block square of a cell sum to exactly zero; what does not divide evenly is taken from its first pixels. */
function balanceBlocks(cell: Int16Array, block: number): void {
  for (let top = 0; top < IMAGE_SIZE; top += block) {
    for (let left = 0; left < IMAGE_SIZE; left += block) {
      balanceBlock(cell, { first: top * IMAGE_SIZE + left, block });
    }
  }
}

function balanceBlock(cell: Int16Array, { first, block }: { first: number; block: number }): void {
  const end = first + block * IMAGE_SIZE;
  let sum = 0;
  for (let row = first; row < end; row += IMAGE_SIZE) {
    for (let at = row; at < row + block; at++) sum += cell[at] ?? 0;
  }
  const mean = Math.floor(sum / (block * block));
  let remainder = sum - mean * block * block;
  for (let row = first; row < end; row += IMAGE_SIZE) {
    for (let at = row; at < row + block; at++) {
      cell[at] = (cell[at] ?? 0) - mean - (remainder-- > 0 ? 1 : 0);
    }
  }
}

function copyCell(cell: Uint8Array, { grid, pixels }: Scene, index: number): void {
  const start = cellStart(grid, index);
  for (let row = 0; row < IMAGE_SIZE; row++) {
    const line = cell.subarray(row * IMAGE_SIZE, (row + 1) * IMAGE_SIZE);
    pixels.set(line, start + row * IMAGE_SIZE * grid);
  }
}

/** Offset of a cell's first pixel in its scene. */
export function cellStart(grid: number, cell: number): number {
  return (Math.floor(cell / grid) * IMAGE_SIZE * grid + (cell % grid)) * IMAGE_SIZE;
}
