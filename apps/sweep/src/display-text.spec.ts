import { describeShortly, formatDuration, formatTimeLeft } from './display-text';

describe('formatDuration()', () => {
  it.each([
    [0, '0.0 s'],
    [4234, '4.2 s'],
    [9960, '10 s'],
    [89_400, '89 s'],
    [90_000, '2 min'],
    [59 * 60_000, '59 min'],
    [200 * 60_000, '3 h 20 min'],
    [51 * 3_600_000, '2 d 3 h'],
  ])('formatDuration(%d) is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('formatTimeLeft()', () => {
  it.each([
    [0, 'less than 1 s left'],
    [999, 'less than 1 s left'],
    [1000, 'about 1.0 s left'],
    [40_000, 'about 40 s left'],
  ])('formatTimeLeft(%d) is %s', (ms, text) => {
    expect(formatTimeLeft(ms)).toBe(text);
  });
});

describe('describeShortly()', () => {
  it('describeShortly() leaves sections out where keys are told apart without, and rounds numbers', () => {
    expect(
      describeShortly({ 'training.learning_rate': 0.00012345678, 'a.x': 1, 'b.x': 'two' }),
    ).toBe('learning_rate=0.0001235 a.x=1 b.x=two');
  });
});
