import type { JsonValue } from '@pixelis/core';

export type JsonObject = Readonly<Record<string, JsonValue>>;

/** JSON that may have members left open, which {@link settleJson} leaves out. */
export type JsonDraft =
  | undefined
  | null
  | boolean
  | number
  | string
  | readonly JsonDraft[]
  | { readonly [key: string]: JsonDraft };

/**
 * Makes a value what every reader can read, and the same whatever order it was made in: keys sorted by UTF-16 code units,
 * open members left out, lone surrogates replaced, and numbers that JSON lacks written as `"NaN"`, `"Infinity"` and
 * `"-Infinity"`. A member named `__proto__` is left out too: readers in JavaScript might take it for more than a name.
 */
export function settleJson(draft: Readonly<Record<string, JsonDraft>>): JsonObject {
  const members = Object.entries(draft).flatMap(([key, value]): [string, JsonValue][] =>
    value === undefined || key === '__proto__' ? [] : [[key.toWellFormed(), settleValue(value)]],
  );
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** JSON to be read by people, ending in a newline. */
export function printJson(value: JsonValue): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function settleValue(value: Exclude<JsonDraft, undefined>): JsonValue {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === null || typeof value === 'boolean') return value;
  if (isList(value))
    return value.flatMap((item) => (item === undefined ? [] : [settleValue(item)]));
  return settleJson(value);
}

/** `Array.isArray` knows no read-only ones. */
function isList(value: object): value is readonly JsonDraft[] {
  return Array.isArray(value);
}
