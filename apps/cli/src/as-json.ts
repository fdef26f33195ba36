import type { JsonValue } from '@pixelis/core';

/** What has keys of a user or of a file, not of this program: passed on as it is. */
const VERBATIM = new Set([
  'metadata', 'tags', 'config', 'changedConfig', 'results', 'metrics', 'lastMetrics', 'params',
  'packages', 'environment', 'facts', 'components',
]); // prettier-ignore

/** A result of a library as JSON with the keys of the contract: `createdAt` becomes `created_at`, throughout. */
export function asJson(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(asJson);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Map) return asJson(Object.fromEntries(value));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined && typeof item !== 'function')
      .map(([key, item]): [string, JsonValue] => [
        snakeCase(key),
        VERBATIM.has(key) ? plain(item) : asJson(item),
      ]);
    return Object.fromEntries(entries);
  }
  return plain(value);
}

function snakeCase(key: string): string {
  return /^[a-z][a-zA-Z0-9]*$/.test(key)
    ? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    : key;
}

/** JSON has no other numbers than finite ones. */
function plain(value: unknown): JsonValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  throw new TypeError(`Cannot print a ${typeof value} as JSON`);
}
