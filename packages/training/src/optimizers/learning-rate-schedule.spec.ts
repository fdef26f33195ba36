import { learningRateAt } from './learning-rate-schedule';

const schedule = { peak: 2, warmupSteps: 4, totalSteps: 12, minimumRatio: 0.1 };

describe('learningRateAt()', () => {
  it('rises in a straight line to the peak', () => {
    expect([0, 1, 2, 3].map((step) => learningRateAt(step, schedule))).toEqual([0.5, 1, 1.5, 2]);
  });

  it('falls along half a cosine from the peak, through the middle, to the lowest rate', () => {
    expect(learningRateAt(4, schedule)).toBe(2);
    expect(learningRateAt(8, schedule)).toBeCloseTo((2 + 0.2) / 2, 12);
    expect(learningRateAt(6, schedule)).toBeCloseTo(0.2 + (1.8 * (1 + Math.SQRT1_2)) / 2, 12);
    expect([12, 13, 1000].map((step) => learningRateAt(step, schedule))).toEqual([0.2, 0.2, 0.2]);
  });

  it('starts at the peak without warm-up and ends at zero by default', () => {
    expect(learningRateAt(0, { peak: 1, warmupSteps: 0, totalSteps: 5 })).toBe(1);
    expect(learningRateAt(5, { peak: 1, warmupSteps: 0, totalSteps: 5 })).toBe(0);
    expect(learningRateAt(2, { peak: 1, warmupSteps: 3, totalSteps: 3 })).toBe(1);
  });

  it.each([
    [-1, 4, 12],
    [NaN, 4, 12],
    [0, -1, 12],
    [0, 13, 12],
  ])('refuses step %p with a warm-up of %p in %p', (step, warmupSteps, totalSteps) => {
    expect(() => learningRateAt(step, { peak: 1, warmupSteps, totalSteps })).toThrow(RangeError);
  });
});
