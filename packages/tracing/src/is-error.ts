import { types } from 'node:util';

/** Whether a value is an error, one of another realm (a `vm` context) included. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}
