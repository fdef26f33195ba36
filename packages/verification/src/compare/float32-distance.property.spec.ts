import fc from 'fast-check';
import { float32Distance } from './float32-distance';

const float = fc.float({ noNaN: true, noDefaultInfinity: true });

describe('float32Distance()', () => {
  it('counts steps: 1 to the next number, also over zero and between the least', () => {
    expect(float32Distance(1, 1 + 2 ** -23)).toBe(1);
    expect(float32Distance(0, -0)).toBe(0);
    expect(float32Distance(2 ** -149, -(2 ** -149))).toBe(2);
    expect(float32Distance(1, NaN)).toBeNull();
  });

  it('is symmetric, 0 for equal numbers alone, and adds up along the line', () => {
    fc.assert(
      fc.property(float, float, float, (x, y, z) => {
        const [a = 0, b = 0, c = 0] = [x, y, z].sort((p, q) => p - q);
        expect(float32Distance(a, b)).toBe(float32Distance(b, a));
        expect(float32Distance(a, b) === 0).toBe(a === b);
        expect(float32Distance(a, b)! + float32Distance(b, c)!).toBe(float32Distance(a, c));
      }),
    );
  });
});
