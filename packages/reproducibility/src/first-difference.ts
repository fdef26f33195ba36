import { types } from 'node:util';

/** Where two values differ first. */
export interface Difference {
  /** From the root `$`: `$.weights[3]`, `$.m.get("key")`, `$.length`. */
  readonly path: string;
  /** What the first value holds there; undefined if nothing. */
  readonly expected: unknown;
  /** What the second value holds there; undefined if nothing. */
  readonly actual: unknown;
}

/**
 * The first place where two structured-cloneable values differ, or undefined. Numbers differ if their bits do (so −0 and 0
 * do), but that all NaN are alike. Typed arrays are compared by element and kind, maps and sets in their order, other
 * objects by their own enumerable keys in any order.
 */
export function firstDifference(expected: unknown, actual: unknown): Difference | undefined {
  return compare({ path: '$', expected, actual }, new Map());
}

type Seen = Map<object, object>;

function compare(place: Difference, seen: Seen): Difference | undefined {
  const { path, expected, actual } = place;
  if (Object.is(expected, actual)) return undefined;
  if (!isObject(expected) || !isObject(actual) || kindOf(expected) !== kindOf(actual)) return place;
  if (seen.get(expected) === actual) return undefined;
  seen.set(expected, actual);
  if (types.isAnyArrayBuffer(expected) && types.isAnyArrayBuffer(actual)) {
    return compareLists(path, new Uint8Array(expected), new Uint8Array(actual), seen);
  }
  if (ArrayBuffer.isView(expected) && ArrayBuffer.isView(actual)) {
    return compareLists(path, elementsOf(expected), elementsOf(actual), seen);
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return compareLists(path, expected, actual, seen);
  }
  if (types.isMap(expected) && types.isMap(actual))
    return compareMaps(path, expected, actual, seen);
  if (types.isSet(expected) && types.isSet(actual)) {
    return compareLists(`[...${path}]`, [...expected], [...actual], seen);
  }
  if (primitiveOf(expected) !== primitiveOf(actual)) return place;
  return compareKeys(path, expected, actual, seen);
}

function compareLists(
  path: string,
  expected: ArrayLike<unknown>,
  actual: ArrayLike<unknown>,
  seen: Seen,
): Difference | undefined {
  const shared = Math.min(expected.length, actual.length);
  for (let index = 0; index < shared; index++) {
    if (Object.is(expected[index], actual[index])) continue;
    const place = { path: `${path}[${index}]`, expected: expected[index], actual: actual[index] };
    const difference = compare(place, seen);
    if (difference !== undefined) return difference;
  }
  return compare(
    { path: `${path}.length`, expected: expected.length, actual: actual.length },
    seen,
  );
}

function compareMaps(
  path: string,
  expected: ReadonlyMap<unknown, unknown>,
  actual: ReadonlyMap<unknown, unknown>,
  seen: Seen,
): Difference | undefined {
  const keys = [...expected.keys()];
  const difference = compareLists(`[...${path}.keys()]`, keys, [...actual.keys()], seen);
  if (difference !== undefined) return difference;
  // Keys that are objects are alike without being the same, so values are paired by place.
  const values = [...actual.values()];
  for (const [index, value] of [...expected.values()].entries()) {
    const place = `${path}.get(${describeKey(keys[index])})`;
    const found = compare({ path: place, expected: value, actual: values[index] }, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

function compareKeys(
  path: string,
  expected: object,
  actual: object,
  seen: Seen,
): Difference | undefined {
  const expectedMembers = new Map<string, unknown>(Object.entries(expected));
  const actualMembers = new Map<string, unknown>(Object.entries(actual));
  for (const key of new Set([...expectedMembers.keys(), ...actualMembers.keys()])) {
    const place = {
      path: isIdentifier(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`,
      expected: expectedMembers.get(key),
      actual: actualMembers.get(key),
    };
    if (expectedMembers.has(key) !== actualMembers.has(key)) return place;
    const difference = compare(place, seen);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function kindOf(value: object): string {
  return Object.prototype.toString.call(value);
}

function elementsOf(view: ArrayBufferView): ArrayLike<unknown> {
  return types.isTypedArray(view)
    ? view
    : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** What an object holds outside its keys, as a text; empty for plain objects. */
function primitiveOf(value: object): string {
  if (types.isDate(value)) return String(value.getTime());
  if (types.isNativeError(value)) return `${value.name}: ${value.message}`;
  if (types.isRegExp(value) || types.isBoxedPrimitive(value)) return String(value);
  return '';
}

function describeKey(key: unknown): string {
  return typeof key === 'string' ? JSON.stringify(key) : String(key);
}

function isIdentifier(key: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key);
}
