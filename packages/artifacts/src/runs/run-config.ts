import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonValue } from '@pixelis/core';
import { z } from 'zod';
import { ifPresent } from './disk';
import { isJsonObject, isJsonValue, type JsonObject } from './json-object';

/** The configuration of a run, as `config_resolved.json` holds it. */
export interface RunConfig {
  /** What everything came to. */
  config: JsonValue;
  /** The values that are no defaults, by their dotted paths; null where the file does not say who set a value. */
  changed: JsonObject | null;
}

const originSchema = z.object({ layer: z.string() });

/**
 * The configuration of a run; null if it has no file that can be read. A file may hold the configuration itself, or, as
 * `@pixelis/config` makes it, `config` and `origins`, which says of each path the layer that set it.
 */
export function readRunConfig(directory: string): RunConfig | null {
  const document = readJson(join(directory, 'config_resolved.json'));
  if (document === undefined) return null;
  if (!isJsonObject(document)) return { config: document, changed: null };
  const { config, origins, ...rest } = document;
  if (config === undefined || origins === undefined || Object.keys(rest).length > 0)
    return { config: document, changed: null };
  return { config, changed: changedValues(config, origins) };
}

/** The leaves of a configuration by their dotted paths; a list is one leaf, and so is an empty section. */
export function flattenConfig(config: JsonValue): JsonObject {
  return Object.fromEntries(leaves(config, ''));
}

/** The value at a dotted path; undefined where there is none. */
export function valueAt(config: JsonValue, path: string): JsonValue | undefined {
  if (isJsonObject(config) && Object.hasOwn(config, path)) return config[path];
  let value: JsonValue | undefined = config;
  for (const name of path.split('.')) {
    if (value === undefined || !isJsonObject(value) || !Object.hasOwn(value, name))
      return undefined;
    value = value[name];
  }
  return value;
}

/** The JSON value that a file holds; undefined if it is missing or damaged. */
export function readJson(path: string): JsonValue | undefined {
  try {
    const text = ifPresent(() => readFileSync(path, 'utf8'));
    const value: unknown = text === null ? undefined : JSON.parse(text);
    return isJsonValue(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function leaves(value: JsonValue, path: string): [string, JsonValue][] {
  if (!isJsonObject(value)) return [[path, value]];
  const members = Object.entries(value);
  if (members.length === 0 && path !== '') return [[path, value]];
  return members.flatMap(([name, item]) => leaves(item, path === '' ? name : `${path}.${name}`));
}

function changedValues(config: JsonValue, origins: JsonValue): JsonObject | null {
  if (!isJsonObject(origins)) return null;
  const paths = Object.entries(origins).filter(
    ([, origin]) => (originSchema.safeParse(origin).data?.layer ?? 'default') !== 'default',
  );
  return Object.fromEntries(
    paths.flatMap(([path]): [string, JsonValue][] => {
      const value = valueAt(config, path);
      return value === undefined ? [] : [[path, value]];
    }),
  );
}
