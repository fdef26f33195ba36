import type { JsonValue } from '@pixelis/core';

/** Where a value stands in a configuration: keys, and indices of lists. */
export type ConfigPath = readonly PropertyKey[];

/** Keys through which an object's prototype could be reached: refused wherever they come from. */
const FORBIDDEN_KEYS: ReadonlySet<PropertyKey> = new Set(['__proto__', 'constructor', 'prototype']);

/** Most keys and indices that may lead to a value. */
export const DEPTH_MAX = 32;

const PLAIN_KEY = /^[^\s.[\]="\p{Cc}\p{Cs}]+$/u;

/** Whether `key` may never be a key of a configuration. */
export function isForbiddenKey(key: PropertyKey): boolean {
  return FORBIDDEN_KEYS.has(key);
}

/** Whether a setting may begin at `path`. */
export function isSettable(path: ConfigPath): boolean {
  return path.length <= DEPTH_MAX && !path.some(isForbiddenKey);
}

/** Writes a path as people do: `curriculum.stages[0].name`; keys that would not read back are quoted, `["a.b"]`. */
export function formatPath(path: ConfigPath): string {
  let text = '';
  for (const segment of path) text = joinPath(text, segment);
  return text;
}

/** Adds a segment to a path as {@link formatPath} writes it. */
export function joinPath(text: string, segment: PropertyKey): string {
  if (typeof segment !== 'string') return `${text}[${String(segment)}]`;
  if (!PLAIN_KEY.test(segment)) return `${text}[${JSON.stringify(segment)}]`;
  return text === '' ? segment : `${text}.${segment}`;
}

/**
 * Reads the path of an override: `curriculum.stages.0.name` or `curriculum.stages[0].name`. Indices stay text, since
 * only the list that they lead into tells them from keys. Gives undefined for what is no path.
 */
export function parsePath(text: string): string[] | undefined {
  const segments = text.replace(/\[(\d+)\]/g, '.$1').split('.');
  return segments.every((segment) => PLAIN_KEY.test(segment)) ? segments : undefined;
}

/** Where the leaves of plain data stand; empty lists and sections are leaves too. */
export function leafPaths(value: unknown, path: ConfigPath = []): ConfigPath[] {
  const members = membersOf(value);
  if (members.length === 0) return value === undefined ? [] : [path];
  return members.flatMap(([key, member]) => leafPaths(member, [...path, key]));
}

/** The items of a list with their indices, or the members of a section with their keys; none of anything else. */
export function membersOf(value: JsonValue): [string | number, JsonValue][];
export function membersOf(value: unknown): [string | number, unknown][];
export function membersOf(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.map((item, index) => [index, item]);
  }
  const entries: [string, unknown][] =
    typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return entries;
}

/** What stands at a path of plain data; undefined where nothing does. */
export function valueAt(value: unknown, path: ConfigPath): unknown {
  let current = value;
  for (const segment of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    if (!Object.hasOwn(current, segment)) return undefined;
    current = Reflect.get(current, segment);
  }
  return current;
}
