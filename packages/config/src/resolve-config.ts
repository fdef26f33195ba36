import type { JsonValue } from '@pixelis/core';
import { z } from 'zod';
import {
  ConfigError,
  type ConfigIssue,
  formatOrigin,
  type LayerName,
  type Origin,
} from './config-error';
import type { ConfigLayer, ConfigSetting } from './config-layer';
import { type ConfigPath, formatPath, isSettable, parsePath } from './config-path';
import { type ConfigNode, mergeAt, originAt, plant, toPlain } from './config-tree';
import { expectation } from './expectation';
import { printable } from './printable';
import { schemaIssues } from './schema-issues';
import { hideSecrets, isSecretPath, SECRET, secretPaths } from './secret-fields';

/** What is resolved, and from what. */
export interface ResolveConfigOptions<Schema extends z.ZodObject> {
  /** Its defaults are the lowest layer; it must take its own output back unchanged. */
  schema: Schema;
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
}

const DEFAULT_ORIGIN: Origin = { layer: 'default', source: 'schema' };

/**
 * Lays the layers over the defaults of the schema and validates what comes out. Sections are merged member by member;
 * lists are replaced as a whole, unless an index leads into them. The values of fields that the schema marks by
 * `.meta({ secret: true })` stand in `config` alone: neither `raw` nor an error shows them.
 *
 * @throws {ConfigError} If anything is wrong, with all that is wrong.
 */
export function resolveConfig<Schema extends z.ZodObject>({
  schema,
  layers,
}: ResolveConfigOptions<Schema>): ResolvedConfig<z.output<Schema>> {
  const issues: ConfigIssue[] = [];
  const raw: RawSetting[] = [];
  const secrets = secretPaths(schema);
  let tree = plant(defaultsOf(schema), DEFAULT_ORIGIN, refuseDefault);
  for (const { layer, settings, issues: unread = [] } of layers) {
    issues.push(...unread.map(withoutQuotation(secrets)), ...repetitions(layer, settings));
    for (const setting of settings) {
      const origin: Origin = { layer, source: setting.source };
      const { node, problems } = readNode(setting, origin);
      issues.push(...problems);
      if (node === undefined) continue;
      const { path } = setting;
      const value = hideSecrets(toPlain(node), { secrets, path });
      if (layer !== 'default') raw.push({ ...origin, path: formatPath(path), value });
      try {
        tree = mergeAt(tree, setting.path, node);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        issues.push(issueOf(setting.path, error.message, origin));
      }
    }
  }
  const result = schema.safeParse(toPlain(tree), { error: expectation });
  if (!result.success) {
    const reported = new Set(issues.map((issue) => issue.path));
    const { issues: found } = result.error;
    const more = schemaIssues({ schema, issues: found, tree, otherwise: DEFAULT_ORIGIN, secrets });
    issues.push(...more.filter((issue) => !reported.has(issue.path)));
  }
  if (!result.success || issues.length > 0) throw new ConfigError(issues);
  return { config: result.data, origins: originsOf(result.data, tree), raw, secrets };
}

/**
 * The content of `config_resolved.json`: the configuration, with `[secret]` for the value of each secret field, and the
 * origin of every value.
 */
export function resolvedDocument<Config>({
  config,
  origins,
  secrets,
}: ResolvedConfig<Config>): Pick<ResolvedConfig<Config>, 'config' | 'origins'> {
  if (secrets.length === 0) return { config, origins };
  const shown = structuredClone(config);
  for (const path of leafPaths(config, []).filter((leaf) => isSecretPath(leaf, secrets))) {
    hideAt(shown, path);
  }
  return { config: shown, origins };
}

function hideAt(config: unknown, path: ConfigPath): void {
  let parent = config;
  for (const key of path.slice(0, -1)) parent = memberOf(parent, key);
  const key = path.at(-1);
  if (key === undefined || typeof parent !== 'object' || parent === null) return;
  if (memberOf(parent, key) !== null) Reflect.set(parent, key, SECRET);
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** What could not be read of a secret is not quoted either. */
function withoutQuotation(secrets: readonly ConfigPath[]): (issue: ConfigIssue) => ConfigIssue {
  return (issue) => {
    const path = parsePath(issue.path);
    if (path === undefined || !isSecretPath(path, secrets)) return issue;
    const problem = `cannot be ${SECRET}: it is no YAML`;
    return issueOf(path, problem, issue.origin);
  };
}

/** What a schema makes of nothing; keys without a default are left out. */
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

function refuseDefault(path: ConfigPath, problem: string): never {
  throw new TypeError(`Cannot use the default of ${formatPath(path)}: it ${problem}`);
}

function readNode(
  setting: ConfigSetting,
  origin: Origin,
): { node?: ConfigNode; problems: ConfigIssue[] } {
  const problems: ConfigIssue[] = [];
  if (!isSettable(setting.path)) {
    return { problems: [issueOf(setting.path, 'is no key that can be set', origin)] };
  }
  const node = plant(setting.value, origin, (path, problem) => {
    problems.push(issueOf([...setting.path, ...path], problem, origin));
  });
  return { node, problems };
}

/** Two settings of one layer for one path contradict each other: neither order would be right. */
function repetitions(layer: LayerName, settings: readonly ConfigSetting[]): ConfigIssue[] {
  const sources = new Map<string, string>();
  const issues: ConfigIssue[] = [];
  for (const { path, source } of settings) {
    const key = formatPath(path);
    const first = sources.get(key);
    if (first === undefined) sources.set(key, source);
    else issues.push(issueOf(path, `is set by ${printable(first)} already`, { layer, source }));
  }
  return issues;
}

function issueOf(path: ConfigPath, problem: string, origin: Origin): ConfigIssue {
  const text = formatPath(path);
  return {
    path: text,
    message: `${printable(text)} ${problem} (from ${formatOrigin(origin)})`,
    origin,
  };
}

function originsOf(config: unknown, tree: ConfigNode): Record<string, Origin> {
  return Object.fromEntries(
    leafPaths(config, []).map((path) => [formatPath(path), originAt(tree, path) ?? DEFAULT_ORIGIN]),
  );
}

function leafPaths(value: unknown, path: ConfigPath): ConfigPath[] {
  if (typeof value !== 'object' || value === null) return value === undefined ? [] : [path];
  const members: [PropertyKey, unknown][] = Array.isArray(value)
    ? Array.from(value, (item, index) => [index, item])
    : Object.entries(value);
  if (members.length === 0) return [path];
  return members.flatMap(([key, member]) => leafPaths(member, [...path, key]));
}
