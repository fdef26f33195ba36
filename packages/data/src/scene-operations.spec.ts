import { drawScene, type PlacedDigit, type Scene } from './scene';
import { FAINT_CONTRAST, properties, STRONG_CONTRAST, zoom } from './scene-operations';
import { TOKENS } from './vocabulary';

describe('zoom()', () => {
  it.each([1, 2, 4])('gives the pixels of each cell of grid %i', (grid) => {
    const cells = Array.from({ length: grid * grid }, (_, cell) => cell);
    const digits = cells.map((cell) => digit(cell, 10 * cell + 5));
    const scene = drawScene(grid, digits);
    for (const cell of cells) {
      expect(zoom(scene, cell)).toEqual(new Uint8Array(784).fill(10 * cell + 5));
    }
  });

  it('reads row by row', () => {
    const pixels = Uint8Array.from({ length: 56 * 56 }, (_, at) => (at % 56) + Math.floor(at / 56));
    const crop = zoom({ grid: 2, pixels }, 2)!;
    expect([crop[0], crop[27], crop[28], crop[783]]).toEqual([28, 55, 29, 82]);
  });
});

describe('properties()', () => {
  it.each([
    [FAINT_CONTRAST - 1, TOKENS.empty],
    [FAINT_CONTRAST, TOKENS.faint],
    [STRONG_CONTRAST - 1, TOKENS.faint],
    [STRONG_CONTRAST, TOKENS.strong],
  ])('of a contrast of %i is token %i', (contrast, token) => {
    const pixels = new Uint8Array(784).fill(20);
    pixels[300] = 20 + contrast;
    expect(properties({ grid: 1, pixels }, 0)).toBe(token);
  });
});

describe('zoom() and properties()', () => {
  it.each([-1, 4, 0.5, Number.NaN])('know no cell %p of a 2×2 scene', (cell) => {
    const scene: Scene = { grid: 2, pixels: new Uint8Array(56 * 56) };
    expect(zoom(scene, cell)).toBeUndefined();
    expect(properties(scene, cell)).toBeUndefined();
  });
});

function digit(cell: number, level: number): PlacedDigit {
  const image = new Uint8Array(784).fill(level);
  return { cell, image, shiftX: 0, shiftY: 0, scale: 1, contrast: 1 };
}
