import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { scoreImage } from './image-quality';

interface Case {
  width: number;
  height: number;
  pixels: number[];
  components: Record<string, number>;
  score: number;
}

const cases = JSON.parse(
  readFileSync(join(__dirname, '..', '..', 'fixtures', 'image-quality.json'), 'utf8'),
) as Case[];

describe('scoreImage()', () => {
  it.each(cases)('scoreImage() measures what SciPy measures, case %#', (expected) => {
    const { width, height, pixels, components, score } = expected;
    const found = scoreImage({ width, height, pixels: Uint8Array.from(pixels) });
    for (const [name, value] of Object.entries(components))
      expect(found.components[name]).toBeCloseTo(value, 12);
    expect(found.score).toBeCloseTo(score, 12);
  });

  it('scoreImage() finds a sharp picture better than the same one blurred', () => {
    const [, sharp, blurred] = cases.map(({ width, height, pixels }) =>
      scoreImage({ width, height, pixels: Uint8Array.from(pixels) }),
    );
    expect(sharp!.score).toBeGreaterThan(blurred!.score);
  });

  it('scoreImage() gives 0 to a picture of one level', () => {
    expect(scoreImage({ width: 4, height: 4, pixels: new Uint8Array(16).fill(9) }).score).toBe(0);
  });

  it('scoreImage() gives scores from 0 to 1, the same for a picture and its mirror image', () => {
    const side = 6;
    const pixels = fc.uint8Array({ minLength: side * side, maxLength: side * side });
    fc.assert(
      fc.property(pixels, (image) => {
        const mirrored = image.map((_, index) => {
          const row = Math.floor(index / side);
          return image[row * side + (side - 1 - (index % side))] ?? 0;
        });
        const { score } = scoreImage({ width: side, height: side, pixels: image });
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        expect(scoreImage({ width: side, height: side, pixels: mirrored }).score).toBeCloseTo(
          score,
          12,
        );
      }),
    );
  });

  it.each([
    [2, 3, 6],
    [3, 2, 6],
    [4, 4, 15],
  ])('scoreImage() refuses %d x %d with %d pixels', (width, height, count) => {
    expect(() => scoreImage({ width, height, pixels: new Uint8Array(count) })).toThrow(RangeError);
  });
});
