import { UsageError } from '@pixelis/core';

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/**
 * Milliseconds of a time span such as `90s`, `30m`, `12h`, `7d` or `2w`.
 *
 * @throws {UsageError} If the text is none; the message names the option.
 */
export function parseDuration(text: string, option: string): number {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? [];
  const ms = Number(amount) * (UNIT_MS[unit] ?? NaN);
  if (amount !== '' && Number.isFinite(ms)) return ms;
  throw new UsageError(`Option ${option} must be a time span: got "${text}"`, {
    code: 'COMMAND_LINE_INVALID',
    remedy: 'Write a number and a unit of s, m, h, d or w, such as 12h or 30d.',
  });
}
