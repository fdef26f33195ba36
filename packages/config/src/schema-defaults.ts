import { z } from 'zod';
import { DEFAULT_ORIGIN } from './config-error';
import { type ConfigPath, formatPath } from './config-path';
import { type ConfigNode, plant } from './config-tree';

const treesBySchema = new WeakMap<z.ZodObject, ConfigNode>();

/**
 * The lowest layer of a configuration: what its schema makes of nothing.
 *
 * @throws {TypeError} If a default is no plain data.
 */
export function defaultTree(schema: z.ZodObject): ConfigNode {
  const known = treesBySchema.get(schema) ?? plant(defaultsOf(schema), DEFAULT_ORIGIN, refuse);
  treesBySchema.set(schema, known);
  return known;
}

/** Keys without a default are left out. */
function defaultsOf(schema: z.ZodObject): Record<string, unknown> {
  const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
  const defaults: [string, unknown][] = [];
  for (const [key, member] of Object.entries(shape)) {
    const result = z.safeParse(member, undefined);
    if (result.success && result.data !== undefined) defaults.push([key, result.data]);
    if (!result.success && member instanceof z.ZodObject) defaults.push([key, defaultsOf(member)]);
  }
  return Object.fromEntries(defaults);
}

function refuse(path: ConfigPath, problem: string): never {
  throw new TypeError(`Cannot use the default of ${formatPath(path)}: it ${problem}`);
}
