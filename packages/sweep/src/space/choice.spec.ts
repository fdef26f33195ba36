import { Generator } from '@pixelis/reproducibility';

import { thrownBy } from '../../test/support/thrown-by';
import { Choice } from './choice';

const optimizers = new Choice('training.optimizer', ['adam', 'sgd', null, { name: 'lion' }]);

describe('Choice', () => {
  it('places a value by what it says, whatever the order of its keys', () => {
    const choice = new Choice('model', [{ depth: 2, width: 8 }, 'none']);
    expect(choice.indexOf({ width: 8, depth: 2 })).toBe(0);
    expect(choice.indexOf('none')).toBe(1);
  });

  it('maps each value into its share of the unit interval', () => {
    expect(optimizers.values.map((value) => optimizers.toUnit(value))).toEqual([
      0.125, 0.375, 0.625, 0.875,
    ]);
    expect([0, 0.24, 0.25, 0.5, 0.99, 1].map((unit) => optimizers.fromUnit(unit))).toEqual([
      'adam',
      'adam',
      'sgd',
      null,
      { name: 'lion' },
      { name: 'lion' },
    ]);
  });

  it('draws each value equally often (chi-square, p > 0.001)', () => {
    const generator = Generator.fromSeed(1);
    const counts = [0, 0, 0, 0];
    for (let draw = 0; draw < 4000; draw++)
      counts[optimizers.indexOf(optimizers.sample(generator))]!++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(16.27);
  });

  it.each([
    [['a', 'a']],
    [[1, 1.0]],
    [
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
    [[]],
  ])('refuses the values %j', (values) => {
    expect(thrownBy(() => new Choice('a.b', values))).toMatchObject({
      code: 'SWEEP_SPACE_INVALID',
      name: 'UsageError',
    });
  });

  it('throws for what is no value of it', () => {
    expect(() => optimizers.indexOf('rmsprop')).toThrow(RangeError);
    expect(() => optimizers.at(4)).toThrow(RangeError);
    expect(() => optimizers.at(-1)).toThrow(RangeError);
  });
});
