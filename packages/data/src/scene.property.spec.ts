import fc from 'fast-check';
import {
  drawScene,
  ENGRAVING_DEPTH,
  engraveScene,
  type PlacedDigit,
  poolCanvas,
  type Scene,
} from './scene';
import { zoom } from './scene-operations';

const placement = fc.record({
  image: fc.uint8Array({ minLength: 784, maxLength: 784 }),
  shiftX: fc.double({ min: -2, max: 2, noNaN: true }),
  shiftY: fc.double({ min: -2, max: 2, noNaN: true }),
  scale: fc.double({ min: 0.85, max: 1.1, noNaN: true }),
  contrast: fc.double({ min: 0.5, max: 1, noNaN: true }),
});
const engraving = fc.record({
  plate: fc.integer({ min: ENGRAVING_DEPTH, max: 255 - ENGRAVING_DEPTH }),
  background: fc.integer({ min: 0, max: 255 }),
});

function digitsOf(grid: number): fc.Arbitrary<PlacedDigit[]> {
  const cells = Array.from({ length: grid * grid }, (_, cell) => cell);
  return fc
    .shuffledSubarray(cells, { minLength: 1, maxLength: Math.min(6, cells.length) })
    .chain((chosen) => fc.tuple(...chosen.map((cell) => placement.map((p) => ({ ...p, cell })))));
}

describe('engraveScene()', () => {
  it('gives a canvas that is byte for byte the same whatever the digits are', () => {
    fc.assert(
      fc.property(
        digitsOf(4),
        fc.array(placement, { minLength: 6, maxLength: 6 }),
        engraving,
        (digits, others, levels) => {
          const replaced = digits.map(({ cell }, at) => ({ ...others[at]!, cell }));
          const canvas = poolCanvas(engraveScene(4, digits, levels));
          expect(canvas).toEqual(poolCanvas(engraveScene(4, replaced, levels)));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('shows plates on a ground: the canvas has these two levels alone', () => {
    fc.assert(
      fc.property(digitsOf(4), engraving, (digits, levels) => {
        const canvas = poolCanvas(engraveScene(4, digits, levels));
        const expected = canvas.map((_, at) => {
          const cell = Math.floor(at / 28 / 7) * 4 + Math.floor((at % 28) / 7);
          return levels[digits.some((digit) => digit.cell === cell) ? 'plate' : 'background'];
        });
        expect(canvas).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  it('keeps the digit: up to the means of its blocks, a crop is the drawn digit at the depth of the engraving', () => {
    fc.assert(
      fc.property(placement, engraving, (digit, levels) => {
        const engraved = zoom(engraveScene(4, [{ ...digit, cell: 5 }], levels), 5)!;
        const drawn = zoom(drawScene(4, [{ ...digit, cell: 5 }]), 5)!;
        for (let block = 0; block < 49; block++) {
          const first = Math.floor(block / 7) * 4 * 28 + (block % 7) * 4;
          const at = Array.from({ length: 16 }, (_, i) => first + Math.floor(i / 4) * 28 + (i % 4));
          const mean = at.reduce((sum, i) => sum + drawn[i]!, 0) / 16;
          const differences = at.map((i) => {
            const expected = ((drawn[i]! - mean) * ENGRAVING_DEPTH) / 255;
            return Math.abs(engraved[i]! - levels.plate - expected);
          });
          // Rounding of the drawn pixel, of the engraved one, and what a block's balance spreads.
          expect(Math.max(...differences)).toBeLessThanOrEqual(2);
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('poolCanvas()', () => {
  it.each([1, 2, 4])('is the mean of each block of grid %i, rounded half up', (grid) => {
    const size = 28 * grid;
    fc.assert(
      fc.property(fc.uint8Array({ minLength: size * size, maxLength: size * size }), (pixels) => {
        const scene: Scene = { grid, pixels };
        const canvas = poolCanvas(scene);
        const expected = canvas.map((_, at) => {
          const y = Math.floor(at / 28) * grid;
          const x = (at % 28) * grid;
          const block = Array.from(
            { length: grid * grid },
            (_, i) => pixels[(y + Math.floor(i / grid)) * size + x + (i % grid)]!,
          );
          const mean = block.reduce((a, b) => a + b) / block.length;
          return Math.round(mean);
        });
        expect(canvas).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });
});
