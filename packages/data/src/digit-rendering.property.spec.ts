import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DigitPlacement, renderDigit } from './digit-rendering';

const image = fc.uint8Array({ minLength: 784, maxLength: 784 });
const PLAIN: DigitPlacement = { shiftX: 0, shiftY: 0, scale: 1, contrast: 1 };

interface Fixture {
  image: number[];
  cases: { placement: DigitPlacement; cell: number[] }[];
}

describe('renderDigit()', () => {
  it("agrees with SciPy's map_coordinates to its nine written decimals", () => {
    const path = join(__dirname, '../fixtures/digit-rendering.json');
    const fixture = JSON.parse(readFileSync(path, 'utf8')) as Fixture;
    expect(fixture.cases).toHaveLength(4);
    for (const { placement, cell } of fixture.cases) {
      const rendered = renderDigit(Uint8Array.from(fixture.image), placement);
      const differences = cell.map((value, at) => Math.abs(value - rendered[at]!));
      expect(Math.max(...differences)).toBeLessThan(1e-8);
    }
  });

  it('leaves an image as it is at its own place, size and contrast', () => {
    fc.assert(
      fc.property(image, (pixels) => {
        expect([...renderDigit(pixels, PLAIN)]).toEqual([...pixels]);
      }),
    );
  });

  it('moves whole pixels by whole shifts, to the right and downwards', () => {
    fc.assert(
      fc.property(image, fc.integer({ min: 0, max: 2 }), (pixels, shift) => {
        const moved = renderDigit(pixels, { ...PLAIN, shiftX: shift, shiftY: shift });
        for (let y = shift; y < 28; y++) {
          for (let x = shift; x < 28; x++) {
            expect(moved[y * 28 + x]).toBe(pixels[(y - shift) * 28 + x - shift]);
          }
        }
        expect(moved.subarray(0, 28 * shift).every((value) => value === 0)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('never leaves the range that the contrast allows', () => {
    fc.assert(
      fc.property(
        image,
        fc.record({
          shiftX: fc.double({ min: -2, max: 2, noNaN: true }),
          shiftY: fc.double({ min: -2, max: 2, noNaN: true }),
          scale: fc.double({ min: 0.85, max: 1.1, noNaN: true }),
          contrast: fc.double({ min: 0.5, max: 1, noNaN: true }),
        }),
        (pixels, placement) => {
          const cell = renderDigit(pixels, placement);
          expect(Math.min(...cell)).toBeGreaterThanOrEqual(0);
          expect(Math.max(...cell)).toBeLessThanOrEqual(255 * placement.contrast * (1 + 1e-15));
        },
      ),
    );
  });
});
