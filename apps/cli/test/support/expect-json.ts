import type { JsonValue } from '@pixelis/core';
import type { Ending } from './programs';

/** What has keys that are not this program's. */
const FOREIGN = new Set([
  'metadata', 'tags', 'config', 'changed_config', 'results', 'last_metrics', 'environment', 'facts', 'packages',
  'params', 'metrics',
]); // prettier-ignore

/** The one JSON value on a line that a command printed, all its own keys in snake_case. */
export function jsonOf({ code, stdout, stderr }: Ending): JsonValue {
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code, stderr: '' });
  expect(stdout.trimEnd()).not.toContain('\n');
  const value = JSON.parse(stdout) as JsonValue;
  expect(keysOf(value).filter((key) => !/^[a-z0-9]+(?:_[a-z0-9]+)*$/.test(key))).toEqual([]);
  return value;
}

function keysOf(value: JsonValue): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    key,
    ...(FOREIGN.has(key) ? [] : keysOf(item)),
  ]);
}
