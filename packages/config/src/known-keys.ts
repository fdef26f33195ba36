import { nearestName } from '@pixelis/core';
import { z } from 'zod';
import { type ConfigPath, formatPath } from './config-path';
import { wordsOfKey } from './environment-variable';
import { evaluationConfigSchema } from './evaluation-config';

/**
 * The dotted keys that a training run or an evaluation may have, sections too, for who asks about configurations by their keys. What stands in
 * lists, or below keys of one's own choice, is not among them.
 */
export function configKeys(): string[] {
  const schema = z.toJSONSchema(evaluationConfigSchema, { io: 'input', unrepresentable: 'any' });
  const keys = knownPaths(schema, []).filter((path) => !path.includes(0));
  return [...new Set(keys.map(formatPath))];
}

/** Names the known key that an unknown one most likely means. */
export type Suggest = (parent: ConfigPath, key: string) => string | undefined;

/**
 * Suggests for an unknown key the nearest name beside it; if there is none, a key of that name elsewhere in the schema.
 */
export function suggestFrom(schema: z.ZodType): Suggest {
  let paths: ConfigPath[] | undefined;
  return (parent, key) => {
    const known = (paths ??= knownPaths(
      z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
      [],
    ));
    const section = pattern(parent);
    const words = wordsOfKey(formatPath([...parent, key]));
    const siblings = known.filter(
      (path) => path.length === parent.length + 1 && pattern(path.slice(0, -1)) === section,
    );
    const sibling = nearestName(key, lastSegments(siblings));
    if (sibling !== undefined) return formatPath([...parent, sibling]);
    const respelt = known.map(formatPath).find((path) => wordsOfKey(path) === words);
    if (respelt !== undefined) return respelt;
    const name = nearestName(key.slice(key.lastIndexOf('.') + 1), lastSegments(known));
    const elsewhere = known.find((path) => path.at(-1) === name);
    return elsewhere === undefined ? undefined : formatPath(elsewhere);
  };
}

function knownPaths(schema: z.core.JSONSchema._JSONSchema, path: ConfigPath): ConfigPath[] {
  if (typeof schema === 'boolean') return [];
  const { properties = {}, items, anyOf = [] } = schema;
  const item = items === undefined || Array.isArray(items) ? [] : knownPaths(items, [...path, 0]);
  return [
    ...Object.entries(properties).flatMap(([key, property]) => [
      [...path, key],
      ...knownPaths(property, [...path, key]),
    ]),
    ...item,
    ...anyOf.flatMap((alternative) => knownPaths(alternative, path)),
  ];
}

function lastSegments(paths: readonly ConfigPath[]): string[] {
  return paths.map((path) => path.at(-1)).filter((segment) => typeof segment === 'string');
}

/** Where a path leads, whatever the indices. */
function pattern(path: ConfigPath): string {
  return path
    .map((segment) => (typeof segment === 'string' ? JSON.stringify(segment) : '*'))
    .join();
}
