import { thrownBy } from '../../test/support/thrown-by';
import { createSpace } from '../space/space';
import { gridStrategy } from './grid';

const proposals = (parameters: Parameters<typeof createSpace>[0]) => {
  const strategy = gridStrategy(createSpace(parameters));
  return Array.from({ length: strategy.trials }, (_, index) =>
    strategy.propose({ trial: index + 1, history: [], pending: [] }),
  );
};

describe('gridStrategy', () => {
  it('takes all combinations, the last key by name changing fastest', () => {
    expect(
      proposals({
        'training.seed': { values: [2, 1] },
        'training.learning_rate': { values: [0.001, 0.0003] },
      }),
    ).toEqual([
      { 'training.learning_rate': 0.001, 'training.seed': 2 },
      { 'training.learning_rate': 0.001, 'training.seed': 1 },
      { 'training.learning_rate': 0.0003, 'training.seed': 2 },
      { 'training.learning_rate': 0.0003, 'training.seed': 1 },
    ]);
  });

  it('takes the steps of ranges, rising', () => {
    expect(
      proposals({
        a: { distribution: 'uniform', low: 0.1, high: 0.35, step: 0.1 },
        b: { distribution: 'log_int', low: 1, high: 2 },
      }),
    ).toEqual([
      { a: 0.1, b: 1 },
      { a: 0.1, b: 2 },
      { a: 0.2, b: 1 },
      { a: 0.2, b: 2 },
      { a: 0.3, b: 1 },
      { a: 0.3, b: 2 },
    ]);
  });

  it('proposes all trials in one generation, and any of a large grid at once', () => {
    const digits = { values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] };
    const keys = Array.from({ length: 15 }, (_, index) => String.fromCharCode(97 + index));
    const strategy = gridStrategy(
      createSpace(Object.fromEntries(keys.map((key) => [key, digits]))),
    );
    expect([strategy.trials, strategy.generationSize]).toEqual([10 ** 15, 10 ** 15]);
    const last = strategy.propose({ trial: 123_456_789_012_346, history: [], pending: [] });
    expect(Object.values(last)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5]);
  });

  it('refuses a range without steps and a grid beyond counting', () => {
    const uniform = { distribution: 'uniform', low: 0, high: 1 } as const;
    expect(thrownBy(() => proposals({ 'data.a': uniform }))).toMatchObject({
      code: 'SWEEP_SPACE_INVALID',
    });
    const integers = { distribution: 'int', low: 0, high: 1e9 } as const;
    expect(thrownBy(() => proposals({ a: integers, b: integers }))).toMatchObject({
      code: 'SWEEP_GRID_TOO_LARGE',
    });
  });

  it.each([0, 3, 1.5, NaN])('throws for trial %d of two', (trial) => {
    const strategy = gridStrategy(createSpace({ a: { values: [1, 2] } }));
    expect(() => strategy.propose({ trial, history: [], pending: [] })).toThrow(RangeError);
  });
});
