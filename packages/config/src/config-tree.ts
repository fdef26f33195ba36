import type { JsonValue } from '@pixelis/core';
import type { Origin } from './config-error';
import { type ConfigPath, DEPTH_MAX, isForbiddenKey } from './config-path';

/** A configuration in which every value, list and section knows who set it last. Never changed in place. */
export type ConfigNode =
  | { kind: 'value'; value: null | boolean | number | string; origin: Origin }
  | { kind: 'list'; items: readonly ConfigNode[]; origin: Origin }
  | { kind: 'section'; members: ReadonlyMap<string, ConfigNode>; origin: Origin };

/** Is told of whatever is no part of a configuration, and where it stands. */
export type Report = (path: ConfigPath, problem: string) => void;

const VALUES_MAX = 20_000;

/**
 * Turns plain data (objects or Maps, arrays, text, finite numbers, booleans, null) into a tree. Members that cannot be
 * part of a configuration are reported and left out.
 */
export function plant(value: unknown, origin: Origin, report: Report): ConfigNode {
  let left = VALUES_MAX;

  function grow(data: unknown, path: ConfigPath): ConfigNode {
    left -= 1;
    if (left === 0) report(path, `has more than ${VALUES_MAX} values`);
    if (path.length > DEPTH_MAX) report(path, `is nested deeper than ${DEPTH_MAX}`);
    if (left <= 0 || path.length > DEPTH_MAX) return { kind: 'value', value: null, origin };
    if (Array.isArray(data)) {
      return {
        kind: 'list',
        items: data.map((item, index) => grow(item, [...path, index])),
        origin,
      };
    }
    const members = membersOf(data);
    if (members === undefined) return leaf(data, path);
    const grown = new Map<string, ConfigNode>();
    for (const [key, member] of members) {
      const memberPath = [...path, key];
      if (isForbiddenKey(key) || !key.isWellFormed())
        report(memberPath, 'is no key that can be set');
      else grown.set(key, grow(member, memberPath));
    }
    return { kind: 'section', members: grown, origin };
  }

  function leaf(data: unknown, path: ConfigPath): ConfigNode {
    if (data === null || typeof data === 'boolean') return { kind: 'value', value: data, origin };
    if (typeof data === 'number' && Number.isFinite(data)) {
      return { kind: 'value', value: data === 0 ? 0 : data, origin };
    }
    if (typeof data === 'string' && data.isWellFormed()) {
      return { kind: 'value', value: data, origin };
    }
    report(path, typeof data === 'number' ? 'must be a finite number' : 'must be plain data');
    return { kind: 'value', value: null, origin };
  }

  return grow(value, []);
}

/** Lays `upper` over `lower`: sections are merged member by member, anything else is replaced as a whole. */
export function merge(lower: ConfigNode, upper: ConfigNode): ConfigNode {
  if (lower.kind !== 'section' || upper.kind !== 'section') return upper;
  const members = new Map(lower.members);
  for (const [key, member] of upper.members) {
    const below = members.get(key);
    members.set(key, below === undefined ? member : merge(below, member));
  }
  return { kind: 'section', members, origin: upper.origin };
}

/**
 * Lays `upper` over what stands at `path`, making sections on the way. A segment such as `0` counts as an index where
 * it leads into a list.
 *
 * @throws {RangeError} If an index does not exist in its list.
 */
export function mergeAt(lower: ConfigNode, path: readonly string[], upper: ConfigNode): ConfigNode {
  const [segment, ...rest] = path;
  if (segment === undefined) return merge(lower, upper);
  if (lower.kind === 'list') {
    const index = /^\d+$/.test(segment) ? Number(segment) : -1;
    const item = lower.items[index];
    if (item === undefined) {
      throw new RangeError(`has ${lower.items.length} items, so that "${segment}" is none of them`);
    }
    return { ...lower, items: lower.items.with(index, mergeAt(item, rest, upper)) };
  }
  const { origin } = upper;
  const below = lower.kind === 'section' ? lower.members : new Map<string, ConfigNode>();
  const member = below.get(segment) ?? { kind: 'section', members: new Map(), origin };
  return {
    kind: 'section',
    members: new Map(below).set(segment, mergeAt(member, rest, upper)),
    origin,
  };
}

/** The plain data of a tree. */
export function toPlain(node: ConfigNode): JsonValue {
  if (node.kind === 'value') return node.value;
  if (node.kind === 'list') return node.items.map(toPlain);
  return Object.fromEntries(Array.from(node.members, ([key, member]) => [key, toPlain(member)]));
}

/**
 * Who set the value at `path`; undefined if nobody did. An index that leads into a section is passed over, since a
 * schema may take a single section for a list of one.
 */
export function originAt(root: ConfigNode, path: ConfigPath): Origin | undefined {
  return nodeAt(root, path)?.origin;
}

/** What stands at `path`, or the value above it that has no parts; undefined if nothing does. Indices as in {@link originAt}. */
export function nodeAt(root: ConfigNode, path: ConfigPath): ConfigNode | undefined {
  let node: ConfigNode | undefined = root;
  for (const segment of path) node = node === undefined ? undefined : childOf(node, segment);
  return node;
}

/** One step of {@link nodeAt}. */
export function childOf(node: ConfigNode, segment: PropertyKey): ConfigNode | undefined {
  if (node.kind === 'value') return node;
  if (node.kind === 'list') return typeof segment === 'number' ? node.items[segment] : undefined;
  return typeof segment === 'number' ? node : node.members.get(String(segment));
}

function membersOf(data: unknown): Iterable<[string, unknown]> | undefined {
  if (data instanceof Map) {
    return Array.from(data, ([key, member]: [unknown, unknown]) => [String(key), member]);
  }
  if (typeof data !== 'object' || data === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(data);
  return prototype === null || prototype === Object.prototype ? Object.entries(data) : undefined;
}
