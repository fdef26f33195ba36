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
  for (const segment of path) {
    if (typeof segment !== 'string') text += `[${String(segment)}]`;
    else if (!PLAIN_KEY.test(segment)) text += `[${JSON.stringify(segment)}]`;
    else text += text === '' ? segment : `.${segment}`;
  }
  return text;
}

/**
 * Reads the path of an override: `curriculum.stages.0.name` or `curriculum.stages[0].name`. Indices stay text, since
 * only the list that they lead into tells them from keys. Gives undefined for what is no path.
 */
export function parsePath(text: string): string[] | undefined {
  const segments = text.replace(/\[(\d+)\]/g, '.$1').split('.');
  return segments.every((segment) => PLAIN_KEY.test(segment)) ? segments : undefined;
}
