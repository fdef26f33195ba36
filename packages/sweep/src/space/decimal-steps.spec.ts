import { DecimalSteps } from './decimal-steps';

const all = (low: number, high: number, step: number): number[] => {
  const steps = new DecimalSteps({ low, high, step });
  return Array.from({ length: steps.count }, (_, index) => steps.at(index));
};

describe('DecimalSteps', () => {
  it('gives the numbers that a person would write', () => {
    expect(all(0, 0.5, 0.1)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(all(-0.3, 0.3, 0.1)).toEqual([-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]);
    expect(all(1000.2, 1000.3, 0.1)).toEqual([1000.2, 1000.3]);
    expect(all(1e-7, 3e-7, 1e-7)).toEqual([1e-7, 2e-7, 3e-7]);
    expect(all(1e300, 3e300, 1e300)).toEqual([1e300, 2e300, 3e300]);
  });

  it('ends at the last step that is not above the upper bound', () => {
    expect(all(1, 8, 3)).toEqual([1, 4, 7]);
    expect(all(0, 0.99, 0.25)).toEqual([0, 0.25, 0.5, 0.75]);
    expect(all(5, 5, 1)).toEqual([5]);
  });

  it.each([
    [1, 0, 1],
    [0, 1, 0],
    [0, 1, -1],
    [0, 1, Infinity],
    [0, Infinity, 1],
    [NaN, 1, 1],
  ])('throws for low %d, high %d, step %d', (low, high, step) => {
    expect(() => new DecimalSteps({ low, high, step })).toThrow(RangeError);
  });
});
