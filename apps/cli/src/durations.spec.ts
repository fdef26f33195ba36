import { UsageError } from '@pixelis/core';
import { parseDuration } from './durations';

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text, '--grace')).toBe(ms);
  });

  it.each(['', '3', 'd', '-1d', '1 d', '1y', '1e3s', '1.s', 'NaNs', '9'.repeat(400) + 's'])('refuses %j, naming the option', (text) => {
    expect(() => parseDuration(text, '--grace')).toThrow(UsageError);
    expect(() => parseDuration(text, '--grace')).toThrow(`Option --grace must be a time span: got "${text}"`);
  }); // prettier-ignore
});
