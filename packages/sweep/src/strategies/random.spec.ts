import * as fc from 'fast-check';

import { parameters, spacesOf } from '../../test/support/sweep-spaces';
import { createSpace } from '../space/space';
import { randomStrategy } from './random';

const learningRate = { distribution: 'log_uniform', low: 1e-5, high: 1e-1 } as const;
const layers = { distribution: 'int', low: 1, high: 12 } as const;
const none = { history: [], pending: [] };

describe('randomStrategy', () => {
  it('gives the same trials in every release', () => {
    const space = createSpace({ 'model.layers': layers, 'training.learning_rate': learningRate });
    const strategy = randomStrategy(space, { trials: 3, seed: 42 });
    expect([1, 2, 3].map((trial) => strategy.propose({ trial, ...none }))).toEqual([
      { 'model.layers': 10, 'training.learning_rate': 0.0944568 },
      { 'model.layers': 12, 'training.learning_rate': 0.0908977 },
      { 'model.layers': 9, 'training.learning_rate': 0.000049437 },
    ]);
  });

  it('trial i is the same whatever the number of trials', () => {
    fc.assert(
      fc.property(
        spacesOf(parameters),
        fc.maxSafeNat(),
        fc.integer({ min: 1, max: 50 }),
        (written, seed, trial) => {
          const space = createSpace(written);
          const few = randomStrategy(space, { trials: trial, seed });
          const many = randomStrategy(space, { trials: trial + 1000, seed });
          many.propose({ trial: trial + 1, ...none });
          expect(many.propose({ trial, ...none })).toEqual(few.propose({ trial, ...none }));
        },
      ),
    );
  });

  it('another key or seed changes what it must and nothing else', () => {
    const propose = (space: Parameters<typeof createSpace>[0], seed: number) =>
      randomStrategy(createSpace(space), { trials: 9, seed }).propose({ trial: 5, ...none });
    const alone = propose({ 'training.learning_rate': learningRate }, 1);
    const together = propose({ 'model.layers': layers, 'training.learning_rate': learningRate }, 1);
    expect(together).toMatchObject(alone);
    expect(propose({ 'training.learning_rate': learningRate }, 2)).not.toEqual(alone);
  });

  it('keys of equal ranges are independent of each other', () => {
    const space = createSpace({ a: learningRate, b: learningRate });
    const strategy = randomStrategy(space, { trials: 500, seed: 3 });
    let agreements = 0;
    for (let trial = 1; trial <= 500; trial++) {
      const { a, b } = strategy.propose({ trial, ...none });
      if (Number(a) < 1e-3 === Number(b) < 1e-3) agreements++;
    }
    // 250 expected, with a standard deviation of 11.2.
    expect(Math.abs(agreements - 250)).toBeLessThan(37);
  });
});
