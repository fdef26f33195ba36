import { thrownBy } from '../../test/support/thrown-by';
import { rungs, survivors } from './successive-halving';

describe('rungs', () => {
  it.each([
    [1, 81, 3, [1, 3, 9, 27, 81]],
    [10, 90, 3, [10, 30, 90]],
    [10, 100, 3, [10, 30, 100]],
    [10, 89, 3, [10, 89]],
    [10, 11, 3, [10, 11]],
    [5, 80, 4, [5, 20, 80]],
    [1, 2, 2, [1, 2]],
  ])('from %d to %d by %d are %j', (minimumSteps, maximumSteps, reductionFactor, expected) => {
    expect(rungs({ minimumSteps, maximumSteps, reductionFactor })).toEqual(expected);
  });

  it.each([100, 101])('refuses a first comparison at step %d of 100', (minimumSteps) => {
    expect(
      thrownBy(() => rungs({ minimumSteps, maximumSteps: 100, reductionFactor: 3 })),
    ).toMatchObject({ code: 'SWEEP_HALVING_TOO_LATE', name: 'UsageError' });
  });

  it.each([
    [0, 10, 3],
    [1.5, 10, 3],
    [1, NaN, 3],
    [1, 10, 1],
    [1, 10, 2.5],
  ])('throws for %d, %d, %d', (minimumSteps, maximumSteps, reductionFactor) => {
    expect(() => rungs({ minimumSteps, maximumSteps, reductionFactor })).toThrow(RangeError);
  });
});

describe('survivors', () => {
  const of = (values: readonly (number | null)[], direction: 'min' | 'max' = 'min') =>
    survivors(
      values.map((value, index) => ({ trial: index + 1, value })),
      { reductionFactor: 3, direction },
    );

  it('are the best floor(n / factor) trials', () => {
    expect(of([5, 3, 9, 1, 7, 8, 2, 6, 4])).toEqual([2, 4, 7]);
    expect(of([5, 3, 9, 1, 7, 8, 2, 6, 4], 'max')).toEqual([3, 5, 6]);
    expect(of([5, 3, 9, 1, 7])).toEqual([4]);
  });

  it('are those with the smaller numbers of equal trials', () => {
    expect(of([1, 0, 1, 1, 1, 1])).toEqual([1, 2]);
  });

  it('are at least one if any has a value', () => {
    expect(of([2, 1])).toEqual([2]);
    expect(of([null, null, 5])).toEqual([3]);
    expect(of([null, NaN, Infinity])).toEqual([]);
    expect(of([])).toEqual([]);
  });

  it('count failed trials as the worst', () => {
    expect(of([null, 4, null, 3, null, 2])).toEqual([4, 6]);
  });

  it('throws for a factor that does not reduce', () => {
    expect(() => survivors([], { reductionFactor: 1, direction: 'min' })).toThrow(RangeError);
  });
});
