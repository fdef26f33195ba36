import { z } from 'zod';
import type { ConfigPath } from './config-path';

/**
 * The schemas of what may stand at a path of a configuration: several where alternatives lead there, none where nothing may stand or where
 * the schema does not say.
 */
export function schemasAt(schema: z.core.$ZodType, path: ConfigPath): z.core.$ZodType[] {
  const [segment, ...rest] = path;
  if (segment === undefined) return [schema];
  return formsOf(schema)
    .flatMap((form) => memberOf(form, segment))
    .flatMap((member) => schemasAt(member, rest));
}

/** What remains without defaults, null and alternatives. */
function formsOf(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(formsOf);
  if (schema instanceof z.ZodPipe) return formsOf(schema.in);
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodOptional
  ) {
    return formsOf(schema.unwrap());
  }
  return [schema];
}

function memberOf(schema: z.core.$ZodType, segment: PropertyKey): z.core.$ZodType[] {
  const key = String(segment);
  if (schema instanceof z.ZodArray) return /^\d+$/.test(key) ? [schema.element] : [];
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  if (!(schema instanceof z.ZodObject)) return [];
  const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
  const member = Object.hasOwn(shape, key) ? shape[key] : undefined;
  return member === undefined ? [] : [member];
}
