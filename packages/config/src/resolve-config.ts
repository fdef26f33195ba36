import type { JsonValue } from '@pixelis/core';
import type { z } from 'zod';
import {
  ConfigError,
  type ConfigIssue,
  DEFAULT_ORIGIN,
  formatOrigin,
  type Origin,
} from './config-error';
import type { ConfigLayer, ConfigSetting } from './config-layer';
import { type ConfigPath, joinPath, membersOf } from './config-path';
import { childOf, type ConfigNode, mergeAt, originAt, plant, toPlain } from './config-tree';
import { expectation } from './expectation';
import { type LaidLayers, layLayers } from './lay-layers';
import { printable } from './printable';
import type { Renaming } from './renaming';
import { defaultTree } from './schema-defaults';
import { schemaIssues } from './schema-issues';
import { secretPaths } from './secret-fields';

/** A kind of configuration. */
export interface ConfigDefinition<Schema extends z.ZodObject> {
  /** Its defaults are the lowest layer; it must take its own output back unchanged. */
  schema: Schema;
  /**
   * The defaults that other values decide, given the configuration without them, which need not be valid. Each holds where nobody
   * sets its path, and names as its source what decides it.
   */
  derivedDefaults?: (config: JsonValue) => readonly ConfigSetting[];
  /** Keys that became others, by dotted paths that lead into no list; setting an old one sets the new one, with a warning. */
  renamedKeys?: readonly Renaming[];
  /** Where the repository has its JSON Schema, which remedies name. @default none is named */
  schemaFile?: string;
}

/** What is resolved, and from what. */
export interface ResolveConfigOptions<Schema extends z.ZodObject> extends ConfigDefinition<Schema> {
  /** From the lowest to the highest: later ones win. */
  layers: readonly ConfigLayer[];
}

/** One value as it was asked for. A type, since an interface is no `JsonValue`. */
export type RawSetting = Origin & {
  /** Path of the value; empty for a whole file. */
  path: string;
  value: JsonValue;
};

/** A valid configuration and where its values come from. */
export interface ResolvedConfig<Config> {
  config: Config;
  /** Who set each leaf (and each empty list or section) of the configuration, by its path. */
  origins: Readonly<Record<string, Origin>>;
  /** What was asked, in the order in which it applied: the content of `config_raw.json`. It holds no secret. */
  raw: readonly RawSetting[];
  /** Paths of the secret fields, as {@link secretPaths} gives them. */
  secrets: readonly ConfigPath[];
  /** What to say beside, such as that a key was renamed: one line each, without `warning: `. */
  warnings: readonly string[];
}

/**
 * Lays the layers over the defaults of the schema and validates what comes out. Sections are merged member by member;
 * lists are replaced as a whole, unless an index leads into them. The values of fields that the schema marks by
 * `.meta({ secret: true })` stand in `config` alone: neither `raw` nor an error shows them.
 *
 * @throws {ConfigError} If anything is wrong, with all that is wrong.
 */
export function resolveConfig<Schema extends z.ZodObject>({
  layers,
  ...definition
}: ResolveConfigOptions<Schema>): ResolvedConfig<z.output<Schema>> {
  const { schema, renamedKeys } = definition;
  const secrets = secretPaths(schema);
  const laid = layLayers(layers, { tree: defaultTree(schema), secrets, renamedKeys });
  const { config, tree } = complete(laid, definition);
  const { raw, warnings } = laid;
  return { config, origins: originsOf(config, tree), raw, secrets, warnings };
}

/**
 * Adds the derived defaults to laid layers, and validates what comes out.
 *
 * @throws {ConfigError} If anything is wrong, with all that is wrong.
 */
export function complete<Schema extends z.ZodObject>(
  { tree: laid, issues: found, records }: Pick<LaidLayers, 'tree' | 'issues' | 'records'>,
  { schema, schemaFile, derivedDefaults = () => [] }: ConfigDefinition<Schema>,
): { config: z.output<Schema>; tree: ConfigNode } {
  const plain = toPlain(laid);
  const tree = withDefaults(laid, derivedDefaults(plain));
  const value = tree === laid ? plain : toPlain(tree);
  const result = schema.safeParse(value, { error: expectation });
  if (result.success && found.length === 0) return { config: result.data, tree };
  const issues: ConfigIssue[] = [...found];
  if (!result.success) {
    const reported = new Set(issues.map((issue) => issue.path));
    const more = schemaIssues({
      schema,
      issues: result.error.issues,
      tree,
      otherwise: DEFAULT_ORIGIN,
      secrets: secretPaths(schema),
    });
    issues.push(...more.filter((issue) => !reported.has(issue.path)));
  }
  const told = issues.map((issue) => withRecord(issue, records.get(issue.origin)));
  throw new ConfigError(told, { schemaFile });
}

/** Nobody can correct an argument of an earlier run: what can be corrected is the file that tells of it. */
function withRecord(issue: ConfigIssue, file: string | undefined): ConfigIssue {
  if (file === undefined || file === issue.origin.source) return issue;
  const { origin } = issue;
  const setter = `(from ${formatOrigin(origin)}`;
  const message = issue.message.replace(
    `${setter})`,
    () => `${setter}, recorded in ${printable(file)})`,
  );
  return { ...issue, message };
}

/** Lays derived defaults where nobody set anything. */
export function withDefaults(tree: ConfigNode, defaults: readonly ConfigSetting[]): ConfigNode {
  return defaults.reduce((below, { path, value, source }) => {
    if ((originAt(below, path) ?? DEFAULT_ORIGIN).layer !== 'default') return below;
    return mergeAt(
      below,
      path,
      plant(value, { layer: 'default', source }, () => undefined),
    );
  }, tree);
}

/** The origin of every leaf of a configuration that a tree came to. */
export function originsOf(config: unknown, tree: ConfigNode): Record<string, Origin> {
  const origins: [string, Origin][] = [];

  function visit(value: unknown, node: ConfigNode | undefined, path: string): void {
    const members = membersOf(value);
    for (const [key, member] of members) {
      visit(member, node === undefined ? undefined : childOf(node, key), joinPath(path, key));
    }
    if (members.length === 0 && value !== undefined) {
      origins.push([path, node?.origin ?? DEFAULT_ORIGIN]);
    }
  }

  visit(config, tree, '');
  return Object.fromEntries(origins);
}
