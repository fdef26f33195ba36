import { least, median } from './statistics';

describe('median()', () => {
  it('is the middle, of an even number the lower of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2);
  });
});

describe('least()', () => {
  it('is the least', () => expect(least([3, 1, 2])).toBe(1));
});
