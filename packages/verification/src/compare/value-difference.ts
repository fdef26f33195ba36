import type { JsonValue } from '@pixelis/core';

/** A value that two runs, A and B, do not share. */
export interface ValueDifference {
  /** Where it stands, as people write it: `curriculum.stages[0].name`. */
  readonly path: string;
  /** Null where the run has no such value, or has null. */
  readonly a: JsonValue;
  readonly b: JsonValue;
}

/** Every leaf in which two JSON values differ, in the order of the first, then what only the second has. */
export function valueDifferences(
  a: JsonValue | undefined,
  b: JsonValue | undefined,
  path = '',
): ValueDifference[] {
  if (isBranch(a) && isBranch(b) && Array.isArray(a) === Array.isArray(b)) {
    const membersA = new Map(Object.entries(a));
    const membersB = new Map(Object.entries(b));
    return [...new Set([...membersA.keys(), ...membersB.keys()])].flatMap((key) =>
      valueDifferences(
        membersA.get(key),
        membersB.get(key),
        Array.isArray(a) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`,
      ),
    );
  }
  if (!isBranch(a) && !isBranch(b) && Object.is(a ?? null, b ?? null)) return [];
  return [{ path, a: a ?? null, b: b ?? null }];
}

/** How many leaves a JSON value has. */
export function countLeaves(value: JsonValue): number {
  if (!isBranch(value)) return 1;
  return Object.values(value).reduce<number>((sum, item) => sum + countLeaves(item), 0);
}

const HASH = /^[0-9a-f]{40,64}$/;
const HASH_DIGITS = 12;

/** `path is 1 in A and 2 in B`, hashes cut short. */
export function describeDifference({ path, a, b }: ValueDifference): string {
  return `${path} is ${show(a)} in A and ${show(b)} in B`;
}

function show(value: JsonValue): string {
  if (value === null) return 'not set';
  if (typeof value !== 'string') return JSON.stringify(value);
  return HASH.test(value) ? value.slice(0, HASH_DIGITS) : value;
}

type Branch = readonly JsonValue[] | { readonly [key: string]: JsonValue };

function isBranch(value: JsonValue | undefined): value is Branch {
  return typeof value === 'object' && value !== null;
}
