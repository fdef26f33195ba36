import type { JsonValue } from './recorder';

/**
 * Serialises a value by the JSON Canonicalization Scheme, RFC 8785: object keys sorted by UTF-16 code units, numbers
 * and strings as ECMAScript writes them, no white space. Equal values give equal text, so its hash names the value.
 *
 * @throws {TypeError} If the value holds what JSON cannot: NaN, an infinity, undefined, a function, a bigint, a lone
 * surrogate, an instance of a class or a cycle. The message names the path.
 */
export function canonicalJson(value: JsonValue): string {
  return serialise(value, '$', new Set());
}

function serialise(value: unknown, path: string, ancestors: Set<object>): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw new TypeError(`Cannot serialise ${value} at ${path}: JSON numbers are finite`);
    return JSON.stringify(value);
  }
  if (typeof value === 'string') return serialiseString(value, path);
  if (typeof value !== 'object')
    throw new TypeError(`Cannot serialise a ${typeof value} at ${path}`);
  if (ancestors.has(value)) throw new TypeError(`Cannot serialise a cycle at ${path}`);
  ancestors.add(value);
  const text = Array.isArray(value)
    ? `[${Array.from(value, (item, index) => serialise(item, `${path}[${index}]`, ancestors)).join(',')}]`
    : serialiseObject(value, path, ancestors);
  ancestors.delete(value);
  return text;
}

function serialiseObject(value: object, path: string, ancestors: Set<object>): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new TypeError(
      `Cannot serialise an instance of a class at ${path}: only plain objects and arrays`,
    );
  }
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([key, item]) =>
        `${serialiseString(key, path)}:${serialise(item, `${path}.${key}`, ancestors)}`,
    );
  return `{${members.join(',')}}`;
}

function serialiseString(text: string, path: string): string {
  if (!text.isWellFormed()) throw new TypeError(`Cannot serialise a lone surrogate at ${path}`);
  return JSON.stringify(text);
}
