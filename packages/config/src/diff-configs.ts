import { isDeepStrictEqual } from 'node:util';
import type { JsonValue } from '@pixelis/core';
import { z } from 'zod';
import type { Origin } from './config-error';
import { formatPath, leafPaths, valueAt } from './config-path';
import type { ConfigWithOrigins } from './extend-config';

/** A value in which two configurations differ, and who set it; undefined where one has no such value. */
export interface ConfigDifference {
  path: string;
  a: JsonValue | undefined;
  b: JsonValue | undefined;
  originA: Origin | undefined;
  originB: Origin | undefined;
}

/** Where the values of two configurations differ, in the order of the first; who set equal values does not matter. */
export function diffConfigs(
  a: ConfigWithOrigins<unknown>,
  b: ConfigWithOrigins<unknown>,
): ConfigDifference[] {
  const [left, right] = [leavesOf(a.config), leavesOf(b.config)];
  const paths = [...new Set([...left.keys(), ...right.keys()])];
  return paths
    .filter((path) => !isDeepStrictEqual(left.get(path), right.get(path)))
    .map((path) => ({
      path,
      a: left.get(path),
      b: right.get(path),
      originA: left.has(path) ? a.origins[path] : undefined,
      originB: right.has(path) ? b.origins[path] : undefined,
    }));
}

function leavesOf(config: unknown): Map<string, JsonValue> {
  return new Map(
    leafPaths(config).map((path) => [formatPath(path), z.json().parse(valueAt(config, path))]),
  );
}
