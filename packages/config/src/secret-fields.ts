import type { JsonValue } from '@pixelis/core';
import { z } from 'zod';
import type { ConfigPath } from './config-path';

/** What stands for the value of a secret field. */
export const SECRET = '[secret]';

/**
 * Where the fields stand that a schema marks by `.meta({ secret: true })`. A `*` in a path is any index or any key of a record;
 * all that is below a secret field is secret too.
 */
export function secretPaths(schema: z.ZodType): readonly ConfigPath[] {
  const known = pathsBySchema.get(schema) ?? findSecretPaths(schema);
  pathsBySchema.set(schema, known);
  return known;
}

const pathsBySchema = new WeakMap<z.ZodType, readonly ConfigPath[]>();

function findSecretPaths(schema: z.ZodType): readonly ConfigPath[] {
  // What a transformation or a preprocessing hides from one side, the other shows.
  const found = (['input', 'output'] as const).flatMap((io) => {
    const root = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
    return pathsOf(root, { path: [], root, open: ['#'] });
  });
  return [...new Map(found.map((path) => [JSON.stringify(path), path])).values()];
}

type Definition = z.core.JSONSchema._JSONSchema;

interface Place {
  readonly path: readonly string[];
  readonly root: z.core.JSONSchema.JSONSchema;
  /** References that lead here. */
  readonly open: readonly string[];
}

function pathsOf(schema: Definition, place: Place): (readonly string[])[] {
  const { path } = place;
  if (typeof schema === 'boolean') return [];
  if (schema['secret'] === true) return [path];
  const { properties = {}, items = [], additionalProperties, prefixItems = [] } = schema;
  const same = [
    ...[schema.anyOf, schema.oneOf, schema.allOf].flatMap((alternatives) => alternatives ?? []),
  ];
  const any = [...[items].flat(), ...prefixItems, additionalProperties ?? true];
  return [
    ...(schema.$ref === undefined ? [] : pathsOfReference(schema.$ref, place)),
    ...same.flatMap((alternative) => pathsOf(alternative, place)),
    ...Object.entries(properties).flatMap(([key, property]) => {
      return pathsOf(property, { ...place, path: [...path, key] });
    }),
    ...any.flatMap((member) => pathsOf(member, { ...place, path: [...path, '*'] })),
  ];
}

/** Where a schema contains itself and has secrets, all below is taken for secret: its depth has no end. */
function pathsOfReference(reference: string, place: Place): (readonly string[])[] {
  const { root, open, path } = place;
  if (open.includes(reference)) return holdsSecret([reference], root) ? [path] : [];
  return pathsOf(definitionOf(reference, root), { ...place, open: [...open, reference] });
}

/** Whether a secret field is in the definitions, or in those that they refer to. */
function holdsSecret(references: readonly string[], root: z.core.JSONSchema.JSONSchema): boolean {
  const texts = references.map((reference) => JSON.stringify(definitionOf(reference, root)));
  if (texts.some((text) => text.includes('"secret":true'))) return true;
  const further = texts.flatMap((text) =>
    [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, name = '']) => name),
  );
  const all = [...new Set([...references, ...further])];
  return all.length > references.length && holdsSecret(all, root);
}

/** zod refers to the whole as `#`, and to parts of it as `#/$defs/NAME`. */
function definitionOf(reference: string, root: z.core.JSONSchema.JSONSchema): Definition {
  if (reference === '#') return root;
  return root.$defs?.[reference.replace('#/$defs/', '')] ?? true;
}

/** The value that stands at `path` of a configuration, with {@link SECRET} for each that is secret; null stays null. */
export function hideSecrets(
  value: JsonValue,
  { secrets, path = [] }: { secrets: readonly ConfigPath[]; path?: ConfigPath },
): JsonValue {
  if (value === null || secrets.length === 0) return value;
  if (isSecretPath(path, secrets)) return SECRET;
  if (typeof value !== 'object') return value;
  if (isList(value)) {
    return value.map((item, index) => hideSecrets(item, { secrets, path: [...path, index] }));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      return [key, hideSecrets(item, { secrets, path: [...path, key] })];
    }),
  );
}

/**
 * Whether what stands at `path` is a secret field or a part of one. Indices may be missing or too many: a section may be given
 * for a list of one, rightly or by mistake.
 */
export function isSecretPath(path: ConfigPath, secrets: readonly ConfigPath[]): boolean {
  const keys = path.filter((segment) => !/^\d+$/.test(String(segment)));
  return secrets.some((secret) => {
    const secretKeys = secret.filter((segment) => segment !== '*');
    return isWithin(path, secret) || isWithin(keys, secretKeys);
  });
}

function isWithin(path: ConfigPath, secret: ConfigPath): boolean {
  return (
    secret.length <= path.length &&
    secret.every((segment, index) => segment === '*' || segment === String(path[index]))
  );
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}
