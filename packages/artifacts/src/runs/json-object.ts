import { type JsonValue, redactJson } from '@pixelis/core';

/** An object that JSON can hold. */
export type JsonObject = Readonly<Record<string, JsonValue>>;

/** Whether a JSON value is an object. */
export function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value holds only what `JSON.parse` gives. */
export function isJsonValue(value: unknown): value is JsonValue {
  if (typeof value === 'object') return value === null || Object.values(value).every(isJsonValue);
  return ['boolean', 'number', 'string'].includes(typeof value);
}

/** The object without its secrets, see `redactJson`. */
export function redactObject(object: JsonObject): JsonObject {
  const redacted = redactJson(object);
  return isJsonObject(redacted) ? redacted : {};
}
