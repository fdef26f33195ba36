import { formatBytes, formatCount, formatDuration, formatFields, formatMinute, formatNumber, formatTime } from './format'; // prettier-ignore

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [9949, '9.9 kB'],
    [9951, '10 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [4.2e9, '4.2 GB'],
    [1e18, '1000 PB'],
  ])('%i is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('formatTime and formatMinute', () => {
  it('give a moment in UTC, and a dash for none', () => {
    expect(formatTime('2026-03-04T05:06:07.890Z')).toBe('2026-03-04 05:06:07');
    expect(formatMinute('2026-03-04T05:06:07.890Z')).toBe('2026-03-04 05:06');
    expect([formatTime(null), formatMinute(null)]).toEqual(['-', '-']);
  });
});

describe('formatDuration', () => {
  it.each([
    [400, '0 s'],
    [59_400, '59 s'],
    [59_600, '1 min 0 s'],
    [223_000, '3 min 43 s'],
    [3_600_000, '1 h 0 min'],
    [172_800_000, '2 days'],
  ])('%i ms are %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('formatNumber', () => {
  it('gives integers whole, others to four significant digits', () => {
    expect([12_345_678, 0.123_456, 1e-7, 3.0].map(formatNumber)).toEqual(['12345678', '0.1235', '1e-7', '3']);
  }); // prettier-ignore
});

describe('formatCount', () => {
  it('knows one from many', () => {
    expect([0, 1, 2].map((count) => formatCount(count, 'file'))).toEqual(['0 files', '1 file', '2 files']);
  }); // prettier-ignore
});

describe('formatFields', () => {
  it('aligns values and leaves out those that are missing', () => {
    expect(formatFields([['a', '1'], ['none', null], ['empty', ''], ['long', '2']])).toBe('a     1\nlong  2'); // prettier-ignore
    expect(formatFields([])).toBe('');
  });
});
