import { wilsonInterval } from './index';

describe('wilsonInterval', () => {
  it('uses a confidence of 0.95 by default', () => {
    expect(wilsonInterval(9, 10)).toEqual(wilsonInterval(9, 10, { confidence: 0.95 }));
  });

  it.each([
    ['trials must be an integer >= 1: current value is 0', 0, 0, 0.95],
    ['trials must be an integer >= 1: current value is 1.5', 1, 1.5, 0.95],
    ['successes must be an integer from 0 to 10: current value is 11', 11, 10, 0.95],
    ['successes must be an integer from 0 to 10: current value is -1', -1, 10, 0.95],
    ['successes must be an integer from 0 to 10: current value is NaN', NaN, 10, 0.95],
    ['confidence must be one of 0.9, 0.95, 0.99: current value is 0.5', 1, 10, 0.5],
  ])('says: %s', (detail, successes, trials, confidence) => {
    expect(() => wilsonInterval(successes, trials, { confidence: confidence as 0.95 })).toThrow(
      new RangeError(`Cannot compute a Wilson interval: ${detail}`),
    );
  });
});
