import { isDeepStrictEqual } from 'node:util';
import type { JsonValue } from '@pixelis/core';
import { z } from 'zod';
import { DEFAULT_ORIGIN, LAYER_NAMES, type LayerName, type Origin } from './config-error';
import type { ConfigLayer, ConfigSetting } from './config-layer';
import { type ConfigPath, formatPath, leafPaths, membersOf, valueAt } from './config-path';
import { plant, toPlain } from './config-tree';
import { type ConfigDefinition, withDefaults } from './resolve-config';
import { defaultTree } from './schema-defaults';
import { schemasAt } from './schemas-at';
import { isSecretPath, SECRET, secretPaths } from './secret-fields';

/** A configuration that says who set its values. */
export interface RecordedConfig {
  readonly config: JsonValue;
  /** By path; what is not in it was a default. */
  readonly origins: Readonly<Record<string, Origin>>;
}

/** What {@link recordedLayers} takes beside the record. */
export interface RecordedLayersOptions {
  /** Path of the file, which counts as the source of what was a default and is none any more. */
  path: string;
  definition: ConfigDefinition<z.ZodObject>;
  /** Whether defaults are set too, so that they win over the layers below. @default false */
  hasDefaults?: boolean;
}

const originsSchema = z.record(
  z.string(),
  z.object({ layer: z.enum(LAYER_NAMES), source: z.string() }),
);

/**
 * What a file records: a document of `config` and `origins`, as `config_resolved.json` is one, or a configuration with `$origins`.
 * Undefined if the file does not say who set its values.
 */
export function recordedConfig(
  document: ReadonlyMap<unknown, unknown>,
  refuse: (problem: string) => never,
): RecordedConfig | undefined {
  const { config, key } = partsOf(document);
  if (key === undefined) return undefined;
  const origins = originsSchema.safeParse(plainOf(document.get(key), refuse));
  if (origins.success) return { config: plainOf(config, refuse), origins: origins.data };
  return refuse(
    `its ${key} must give by the path of each value {"layer": "${LAYER_NAMES.join('|')}", "source": "…"}`,
  );
}

/** The configuration of a document, and the key under which it says who set its values. */
function partsOf(document: ReadonlyMap<unknown, unknown>): {
  config?: unknown;
  key?: '$origins' | 'origins';
} {
  const own = new Map(document);
  own.delete('$schema');
  if (own.size === 2 && own.has('config') && own.has('origins')) {
    return { config: own.get('config'), key: 'origins' };
  }
  return own.delete('$origins') ? { config: own, key: '$origins' } : {};
}

function plainOf(value: unknown, refuse: (problem: string) => never): JsonValue {
  const tree = plant(value, DEFAULT_ORIGIN, (path, problem) => {
    refuse(`${formatPath(path)} ${problem}`);
  });
  return toPlain(tree);
}

/**
 * The layers that a recorded configuration came from, from the lowest, with their names and sources. Each holds single
 * values; a list stands whole in the lowest layer that had to do with it, and what others set in it leads into it by index.
 */
export function recordedLayers(
  recorded: RecordedConfig,
  { path: file, definition, hasDefaults = false }: RecordedLayersOptions,
): ConfigLayer[] {
  const origins = new RecordedOrigins(recorded, { path: file, definition });
  const secrets = secretPaths(definition.schema);
  const settings = new Map<LayerName, ConfigSetting[]>(LAYER_NAMES.map((name) => [name, []]));

  /** @param below Who set the list that the value stands in. */
  function visit(value: JsonValue, path: ConfigPath, below?: Origin): void {
    const origin = origins.of(value, path);
    const isPart = origin === undefined || (below !== undefined && isSame(origin, below));
    if (!isPart && !(value === SECRET && isSecretPath(path, secrets))) {
      const { layer, source } = origin;
      const data = origins.withoutFilled(value, path);
      settings.get(layer)?.push({ path: path.map(String), value: data, source });
    }
    const base = isList(value) ? origin : below;
    for (const [key, member] of membersOf(value)) {
      if (base === undefined || !origins.isFilled(member, [...path, key]))
        visit(member, [...path, key], base);
    }
  }

  visit(recorded.config, []);
  return LAYER_NAMES.filter((name) => name !== 'default' || hasDefaults)
    .map((layer) => ({ layer, settings: settings.get(layer) ?? [], recordedIn: file }))
    .filter((layer) => layer.settings.length > 0);
}

/** Who set the values of a recorded configuration, as seen with the present defaults. */
class RecordedOrigins {
  private readonly recorded: RecordedConfig;
  private readonly schema: z.ZodObject;
  private readonly defaults: JsonValue;
  private readonly file: Origin;

  constructor(
    recorded: RecordedConfig,
    { path, definition }: Pick<RecordedLayersOptions, 'path' | 'definition'>,
  ) {
    const { schema, derivedDefaults = () => [] } = definition;
    this.recorded = recorded;
    this.schema = schema;
    const derived = derivedDefaults(recorded.config);
    this.defaults = toPlain(withDefaults(defaultTree(schema), derived));
    this.file = { layer: 'file', source: path };
  }

  /** Who set a leaf, or did first of those who set parts of a list; undefined for a section. */
  of(value: JsonValue, path: ConfigPath): Origin | undefined {
    if (membersOf(value).length === 0) return this.ofLeaf(value, path);
    if (!isList(value)) return undefined;
    const leaves = leafPaths(value).flatMap((inner) => {
      const leaf: ConfigPath = [...path, ...inner];
      const data = valueAt(this.recorded.config, leaf);
      return this.isFilled(data, leaf) ? [] : [this.ofLeaf(data, leaf)];
    });
    const lowest = LAYER_NAMES.find((name) => leaves.some(({ layer }) => layer === name));
    return leaves.find(({ layer }) => layer === lowest) ?? DEFAULT_ORIGIN;
  }

  /** Whether nobody set a value within a list and the schema puts it there by itself. */
  isFilled(value: unknown, path: ConfigPath): boolean {
    if (!path.some((segment) => typeof segment === 'number') || this.setterOf(path) !== undefined)
      return false;
    return schemasAt(this.schema, path).some((schema) => {
      const { success, data } = z.safeParse(schema, undefined);
      return success && isDeepStrictEqual(data, value);
    });
  }

  /** A value without the parts that the schema puts there by itself. */
  withoutFilled(value: JsonValue, path: ConfigPath): JsonValue {
    if (isList(value))
      return value.map((item, index) => this.withoutFilled(item, [...path, index]));
    const members = membersOf(value);
    if (members.length === 0) return value;
    return Object.fromEntries(
      members
        .filter(([key, member]) => !this.isFilled(member, [...path, key]))
        .map(([key, member]) => [key, this.withoutFilled(member, [...path, key])]),
    );
  }

  private ofLeaf(value: unknown, path: ConfigPath): Origin {
    return this.setterOf(path) ?? (this.isDefault(value, path) ? DEFAULT_ORIGIN : this.file);
  }

  private setterOf(path: ConfigPath): Origin | undefined {
    const origin = this.recorded.origins[formatPath(path)];
    return origin?.layer === 'default' ? undefined : origin;
  }

  /** Whether a value is a default today, and would be there if nobody set anything in the list that it may stand in. */
  private isDefault(value: unknown, path: ConfigPath): boolean {
    const outermost = path.findIndex((segment) => typeof segment === 'number');
    const isInPlace =
      outermost === -1 ||
      path.slice(outermost).every((_, index) => {
        const above = path.slice(0, outermost + index);
        return isWithin(valueAt(this.defaults, above), valueAt(this.recorded.config, above));
      });
    return isInPlace && isDeepStrictEqual(valueAt(this.defaults, path), value);
  }
}

/** Whether a list has the length of another, or a section all keys of another. */
function isWithin(value: unknown, other: unknown): boolean {
  if (Array.isArray(value)) return Array.isArray(other) && other.length === value.length;
  if (typeof value !== 'object' || value === null) return false;
  return Object.keys(value).every((key) => valueAt(other, [key]) !== undefined);
}

function isSame(a: Origin, b: Origin): boolean {
  return a.layer === b.layer && a.source === b.source;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value) && value.length > 0;
}
